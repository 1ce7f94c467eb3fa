import assert from "node:assert/strict";
import { test } from "node:test";
import { fitsHeader, wcsOf } from "#sky/fits";
import { primaryBeamPower } from "#sky/instrument";
import { DEFAULT_SIMPLE_SKY, type SimpleSkyConfig, type SimulatedField, simulateField } from "#sky/simulator";

const SEED = 11;
const SMALL: SimpleSkyConfig = { ...DEFAULT_SIMPLE_SKY, fieldSize: 256, primaryBeamFwhmDeg: 0.93 * 256 * (2 / 3600) };
const FIELD = simulateField(DEFAULT_SIMPLE_SKY, SEED, 0);

/** Rms that half of the pixels' absolute values stand for, where sources are few: 1.4826 x the median of |value|. */
function robustRms(values: readonly number[]): number {
  const sorted = values.map(Math.abs).sort((a, b) => a - b);
  return 1.4826 * sorted[Math.floor(sorted.length / 2)]!;
}

/** Pixels of the square of half side `half` about (x, y). */
function boxOf({ pixels, width }: SimulatedField, x: number, y: number, half: number): readonly number[] {
  const found: number[] = [];
  for (let row = y - half; row < y + half; row++)
    for (let column = x - half; column < x + half; column++) found.push(pixels[row * width + column]!);
  return found;
}

test("the same configuration, seed and index give the same bytes, alone or after other fields", () => {
  const third = simulateField(SMALL, SEED, 3);
  for (const index of [0, 1, 2]) simulateField(SMALL, SEED, index);
  assert.deepEqual(simulateField(SMALL, SEED, 3), third);
  assert.notDeepEqual(simulateField(SMALL, SEED, 4).pixels, third.pixels);
  assert.notDeepEqual(simulateField(SMALL, SEED + 1, 3).pixels, third.pixels);
});

test("fields of one sky differ in beam, noise and source density, inside their ranges", () => {
  const fields = Array.from({ length: 4 }, (_, index) => simulateField(SMALL, SEED, index));
  for (const name of ["BMAJ", "BPA", "SIGTH", "SIMDENS", "CRVAL1"]) {
    assert.equal(new Set(fields.map(({ cards }) => fitsHeader(cards).number(name))).size, 4, name);
  }
  for (const { beam, noiseJyPerBeam } of fields) {
    assert.ok(beam.majorDeg >= SMALL.beamMajorDeg[0] && beam.majorDeg <= SMALL.beamMajorDeg[1]);
    assert.ok(beam.minorDeg / beam.majorDeg >= SMALL.beamAxisRatio[0] && beam.minorDeg <= beam.majorDeg);
    assert.ok(noiseJyPerBeam >= SMALL.noiseJyPerBeam[0] && noiseJyPerBeam <= SMALL.noiseJyPerBeam[1]);
  }
});

test("without sources the noise is as asked for on axis and grows outwards as one over the primary beam", () => {
  const config: SimpleSkyConfig = {
    ...DEFAULT_SIMPLE_SKY,
    sourcesPerSqDeg: [1e-6, 1e-6],
    doublesPerField: 0,
    noiseJyPerBeam: [5e-6, 5e-6],
  };
  const field = simulateField(config, SEED, 0);
  assert.equal(field.truth.length, 0);
  // Boxes of 120 pixels hold some 500 beams: their rms scatters by about 4 %.
  for (const [x, y] of [
    [320, 320],
    [320, 100],
    [80, 80],
  ] as const) {
    const offsetDeg = Math.hypot(x - 319.5, y - 319.5) * config.pixelScaleDeg;
    const expected = 5e-6 / primaryBeamPower(offsetDeg, config.primaryBeamFwhmDeg);
    assert.ok(Math.abs(robustRms(boxOf(field, x, y, 60)) / expected - 1) < 0.15, `at ${x}, ${y}`);
  }
  assert.ok(robustRms(boxOf(field, 80, 80, 60)) > 1.8 * robustRms(boxOf(field, 320, 320, 60)));
});

test("where there is no noise, an isolated source's pixel holds its flux density, everywhere in the field", () => {
  const config: SimpleSkyConfig = {
    ...DEFAULT_SIMPLE_SKY,
    noiseJyPerBeam: [1e-15, 1e-15],
    sourcesPerSqDeg: [500, 500],
    doublesPerField: 0,
  };
  const field = simulateField(config, SEED, 1);
  const isolated = field.truth.filter((one) =>
    field.truth.every((other) => other === one || Math.hypot(one.x - other.x, one.y - other.y) > 30),
  );
  assert.ok(isolated.length > 10);
  const sigmaPixels = (field.beam.majorDeg / config.pixelScaleDeg) * 0.4247;
  for (const { x, y, fluxJy } of isolated) {
    const [column, row] = [Math.min(Math.round(x), 639), Math.min(Math.round(y), 639)];
    const value = field.pixels[row * 640 + column]!;
    const offset = Math.hypot(column - x, row - y);
    // Between the pixel's centre and the source the beam falls at most as its narrow axis does, at least as its wide one.
    const least = Math.exp(-0.5 * (offset / (sigmaPixels * config.beamAxisRatio[0])) ** 2);
    const most = Math.exp(-0.5 * (offset / sigmaPixels) ** 2);
    assert.ok(value / fluxJy > least - 1e-3 && value / fluxJy < most + 1e-3);
  }
});

test("the fluxes of truth and bright catalogue follow the power law that was asked for", () => {
  // Maximum likelihood of dN/dS ~ S^-g above S0: g = 1 + n / sum ln(S / S0), with a scatter of (g - 1) / sqrt n.
  const slopeOf = (fluxes: readonly number[], least: number) => {
    const above = fluxes.filter((flux) => flux >= least);
    return {
      slope: 1 + above.length / above.reduce((sum, flux) => sum + Math.log(flux / least), 0),
      scatter: 1.1 / Math.sqrt(above.length),
    };
  };
  const fields = [FIELD, ...[1, 2].map((index) => simulateField(DEFAULT_SIMPLE_SKY, SEED, index))];
  const truth = slopeOf(
    fields.flatMap((field) => field.truth.filter(({ kind }) => kind === "point").map(({ fluxJy }) => fluxJy)),
    1e-5,
  );
  assert.ok(truth.scatter < 0.05);
  assert.ok(Math.abs(truth.slope - 2.1) < 3 * truth.scatter);
  // Above 100 uJy every source is detected.
  const catalogue = slopeOf(
    fields.flatMap((field) => field.sources.map(({ peakFluxJyPerBeam }) => peakFluxJyPerBeam!)),
    1e-4,
  );
  assert.ok(Math.abs(catalogue.slope - 2.1) < 3 * catalogue.scatter);
});

test("the catalogue holds every bright point source, none below five times the noise, and no double", () => {
  const header = fitsHeader(FIELD.cards);
  const wcs = wcsOf(header)!;
  const noise = header.number("SIGTH")!;
  for (const source of FIELD.sources) {
    const { x, y } = wcs.skyToPixel(source.raDeg, source.decDeg)!;
    const offsetDeg = Math.hypot(Math.round(x) - 319.5, Math.round(y) - 319.5) * DEFAULT_SIMPLE_SKY.pixelScaleDeg;
    const local = noise / primaryBeamPower(offsetDeg, DEFAULT_SIMPLE_SKY.primaryBeamFwhmDeg);
    assert.ok(source.peakFluxJyPerBeam! >= 5 * local * (1 - 1e-6));
    assert.match(source.id!, /^SIM_11_00_P\d+$/);
  }
  const listed = new Set(FIELD.sources.map(({ id }) => id));
  const bright = FIELD.truth.filter(({ kind, fluxJy }) => kind === "point" && fluxJy > 1e-3);
  const isBlended = (one: (typeof bright)[number]) =>
    FIELD.truth.some(({ x, y, fluxJy }) => fluxJy > one.fluxJy && Math.hypot(x - one.x, y - one.y) < 6);
  assert.ok(bright.length > 0);
  for (const one of bright) assert.ok(listed.has(`SIM_11_00_${one.id}`) || isBlended(one), one.id);
});

test("the sky position of every source leads back to its pixel", () => {
  const wcs = wcsOf(fitsHeader(FIELD.cards))!;
  for (const { raDeg, decDeg, x, y } of FIELD.truth) {
    const pixel = wcs.skyToPixel(raDeg, decDeg)!;
    assert.ok(Math.hypot(pixel.x - x, pixel.y - y) < 1e-6);
  }
});

test("64-pixel crops hold from none to some tens of catalogued sources, and more on axis than in the corners", () => {
  const counts = new Float64Array(100);
  const wcs = wcsOf(fitsHeader(FIELD.cards))!;
  for (const { raDeg, decDeg } of FIELD.sources) {
    const { x, y } = wcs.skyToPixel(raDeg, decDeg)!;
    counts[Math.floor((y + 0.5) / 64) * 10 + Math.floor((x + 0.5) / 64)]! += 1;
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / 100;
  assert.ok(mean > 2 && mean < 20, `mean ${mean}`);
  assert.ok(Math.max(...counts) <= 60);
  const inner =
    [33, 34, 35, 36, 43, 44, 45, 46, 53, 54, 55, 56, 63, 64, 65, 66].reduce((sum, crop) => sum + counts[crop]!, 0) / 16;
  const corners = [0, 1, 10, 8, 9, 19, 80, 90, 91, 89, 98, 99].reduce((sum, crop) => sum + counts[crop]!, 0) / 12;
  assert.ok(inner > 1.5 * corners, `${inner} inside, ${corners} in the corners`);
});

test("a field says in its header that it is simulated, by which simulator and from which seed", () => {
  const header = fitsHeader(FIELD.cards);
  assert.equal(header.string("SIMULATR"), "simple");
  assert.equal(header.number("SIMSEED"), SEED);
  assert.match(header.cards.find(({ keyword }) => keyword === "HISTORY")!.value as string, /SIMULATED/);
});

test("a setting that makes no sky is refused by its name", () => {
  const refused = (change: Partial<SimpleSkyConfig>, message: string) =>
    assert.throws(() => simulateField({ ...SMALL, ...change }, 1, 0), { name: "RangeError", message });
  refused({ fieldSize: 2.5 }, "simulator: fieldSize: expected a whole number of pixels above 0, got 2.5.");
  refused({ numFields: 0 }, "simulator: numFields: expected a whole number above 0, got 0.");
  refused({ pixelScaleDeg: 0 }, "simulator: pixelScaleDeg: expected degrees above 0, got 0.");
  refused({ primaryBeamFwhmDeg: -1 }, "simulator: primaryBeamFwhmDeg: expected degrees above 0, got -1.");
  refused({ minFluxJy: 0 }, "simulator: minFluxJy: expected a flux density above 0 Jy, got 0.");
  refused({ maxFluxJy: 1e-6 }, "simulator: maxFluxJy: expected more than minFluxJy (0.00001), got 0.000001.");
  refused({ countsSlope: 1 }, "simulator: countsSlope: expected any number but 1, got 1.");
  refused({ doublesPerField: -1 }, "simulator: doublesPerField: expected 0 or more, got -1.");
  refused({ beamAxisRatio: [0.9, 1.1] }, "simulator: beamAxisRatio: expected [low, high] in (0, 1], got [0.9,1.1].");
  refused(
    { noiseJyPerBeam: [2e-6, 1e-6] },
    "simulator: noiseJyPerBeam: expected [low, high] with 0 < low <= high, got [0.000002,0.000001].",
  );
});

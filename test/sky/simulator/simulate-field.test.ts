// Whole simulated fields: truth, catalogue, planes, header, data quality; the same seed gives the same bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fitsHeader, wcsOf } from "#sky/fits";
import {
  DATA_QUALITIES,
  formatCompactLines,
  formatTruthLines,
  MGCLS_SKY,
  noiseMap,
  type SimulatedField,
  type SkyConfig,
  SMALL_SKY,
  sampleFieldFacts,
  simulateField,
} from "#sky/simulator";

/** A quarter of a degree of MGCLS's pixels, whose counts are those of the table. */
const CONFIG: SkyConfig = { ...MGCLS_SKY, fieldSize: 721, dataQualityFlag: 0, clusterProbability: 0, numPlanes: 5 };
const field = simulateField(CONFIG, 11, 0);

/** One sky as each flag has it; flag 2's is looked at twice. */
const ofQuality = (dataQualityFlag: 0 | 1 | 2 | 3) => simulateField({ ...CONFIG, numPlanes: 1, dataQualityFlag }, 4, 0);
const poor = ofQuality(2);

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
const finite = (values: Float32Array) => values.filter((value) => Number.isFinite(value));

/** 1.4826 times the median distance from the median. */
function spreadOf(values: readonly number[]): number {
  const middle = median(values);
  return 1.4826 * median(values.map((value) => Math.abs(value - middle)));
}

test("the same seed and index give the same bytes, another seed or index other ones", () => {
  const small: SkyConfig = { ...SMALL_SKY, fieldSize: 128 };
  const [one, again, other, next] = [
    simulateField(small, 5, 0),
    simulateField(small, 5, 0),
    simulateField(small, 6, 0),
    simulateField(small, 5, 1),
  ];
  assert.deepEqual(one.pixels, again.pixels);
  assert.deepEqual(one.sources, again.sources);
  assert.notDeepEqual(one.pixels, other.pixels);
  assert.notDeepEqual(one.pixels, next.pixels);
});

test("the truth has as many objects as counts and area say, and every catalogued source is one of them", () => {
  const area = ((721 * 1.25) / 3600) ** 2;
  // 94,700 per square degree above 1 uJy; above 5 uJy, where the truth begins, the table at 1.28 GHz has some 31,400.
  const expected = 31_400 * area;
  assert.ok(Math.abs(field.truth.length / expected - 1) < 0.15, `${field.truth.length}, not ${expected}`);
  const ids = new Set(field.truth.map(({ id }) => `${field.name}_${id}`));
  assert.ok(field.sources.length > 100 && field.sources.every(({ id }) => ids.has(id!)));
  for (const { raDeg, decDeg, x, y } of field.truth.slice(0, 50)) {
    const place = wcsOf(fitsHeader(field.cards))!.skyToPixel(raDeg, decDeg)!;
    assert.ok(Math.hypot(place.x - x, place.y - y) < 1e-6);
  }
});

test("catalogued fluxes are true ones, free of the primary beam, and positions scatter as Condon's formula says", () => {
  const trueOf = new Map(field.truth.map((object) => [`${field.name}_${object.id}`, object]));
  const wcs = wcsOf(fitsHeader(field.cards))!;
  const bright = field.sources.filter((source) => source.peakFluxJyPerBeam! > 30 * source.peakFluxErrorJyPerBeam);
  assert.ok(bright.length > 20, `${bright.length}`);
  const points = bright.filter((source) => trueOf.get(source.id!)!.kind === "point");
  const ratios = points.map((source) => source.peakFluxJyPerBeam! / trueOf.get(source.id!)!.fluxJy);
  assert.ok(Math.abs(median(ratios) - 1) < 0.02, `${median(ratios)}`);
  const pulls = field.sources.flatMap((source) => {
    const object = trueOf.get(source.id!)!;
    const { x, y } = wcs.skyToPixel(source.raDeg, source.decDeg)!;
    const sigma = source.positionErrorDeg / CONFIG.pixelScaleDeg;
    return [(x - object.x) / sigma, (y - object.y) / sigma];
  });
  assert.ok(Math.abs(spreadOf(pulls) - 1) < 0.15, `${spreadOf(pulls)}`);
  // 0.425 beams over signal to noise, and 0.1 arcsec, added in squares.
  const [source] = field.sources;
  const beam = 3600 * Math.sqrt(field.beam.majorDeg * field.beam.minorDeg);
  const expected = Math.hypot((0.425 * beam) / (source!.peakFluxJyPerBeam! / source!.peakFluxErrorJyPerBeam), 0.1);
  assert.ok(Math.abs((source!.positionErrorDeg * 3600) / expected - 1) < 1e-6);
});

test("every catalogued source stands out of the local rms five times, and none is near another", () => {
  for (const one of field.sources) assert.ok(one.peakFluxJyPerBeam! >= 4.99 * one.peakFluxErrorJyPerBeam, `${one.id}`);
  const fluxes = field.sources.map(({ peakFluxJyPerBeam }) => peakFluxJyPerBeam!);
  const apparentOrder = field.sources.length;
  assert.equal(new Set(field.sources.map(({ id }) => id)).size, apparentOrder);
  assert.ok(fluxes.every((flux) => flux > 0));
});

test("the image's noise grows outwards as the primary beam falls", () => {
  const noisy: SkyConfig = {
    ...CONFIG,
    numPlanes: 1,
    noiseJyPerBeam: [2e-5, 2e-5],
    primaryBeamFwhmDeg: 0.2,
    minFluxJy: 1e-5,
    maxFluxJy: 1e-4,
  };
  const { pixels } = simulateField(noisy, 3, 0);
  const spread = (x: number, y: number) => {
    const values: number[] = [];
    for (let row = y - 20; row < y + 20; row++)
      for (let column = x - 20; column < x + 20; column++) values.push(pixels[row * 721 + column]!);
    return spreadOf(values);
  };
  // Half power is 0.1 degrees, 288 pixels, from the middle.
  const ratio =
    (spread(360 + 288, 360) + spread(360 - 288, 360) + spread(360, 360 + 288) + spread(360, 360 - 288)) / 4 / spread(360, 360);
  assert.ok(Math.abs(ratio / 2 - 1) < 0.15, `${ratio}`);
});

test("a field's low and high percentiles are those of deep MeerKAT fields, and its flux distribution leans to bright sources", () => {
  const sorted = field.pixels.toSorted();
  const at = (share: number) => sorted[Math.floor(share * sorted.length)]! * 1e6;
  // -16 to -22 and 34 to 39 for a whole field; the inner fifth of it has less of the primary beam's noise.
  assert.ok(at(0.02) > -16 && at(0.02) < -6, `${at(0.02)}`);
  assert.ok(at(0.98) > 18 && at(0.98) < 45, `${at(0.98)}`);
  const mean = field.pixels.reduce((sum, value) => sum + value, 0) / field.pixels.length;
  assert.ok(mean * 1e6 > at(0.5), "the mean lies above the median");
});

test("five planes are brightness, spectral index, both errors and chi squared, NaN where nothing is fitted", () => {
  const [brightness, index, rms, indexError, chiSquared] = field.planes;
  assert.equal(field.planes.length, 5);
  assert.equal(brightness, field.pixels);
  const fitted = [...index!.keys()].filter((place) => Number.isFinite(index![place]!));
  assert.ok(fitted.length > 200 && fitted.length < 0.1 * index!.length, `${fitted.length}`);
  for (const plane of [rms!, indexError!, chiSquared!]) assert.equal(finite(plane).length, fitted.length);
  assert.ok(Math.abs(median(fitted.map((place) => index![place]!)) + 0.7) < 0.15);
  const pulls = fitted.map((place) => indexError![place]! * (brightness![place]! / rms![place]!));
  assert.ok(Math.abs(median(pulls) - 0.6) < 0.02, "0.6 over signal to noise");
  assert.ok(Math.abs(fitted.reduce((sum, place) => sum + chiSquared![place]!, 0) / fitted.length - 1) < 0.05);
});

test("the header says what was simulated, and that it was", () => {
  const header = fitsHeader(field.cards);
  const wanted = {
    TELESCOP: "MeerKAT",
    CTYPE1: "RA---SIN",
    CTYPE3: "SPECLNMF",
    CTYPE4: "STOKES",
    BUNIT: "JY/BEAM",
    NTERM: 2,
    SIMSEED: 11,
    DQF: 0,
    ROBUST: 0,
    CLEANLIM: 5e-5,
  };
  for (const [keyword, value] of Object.entries(wanted)) assert.equal(header.get(keyword), value, keyword);
  assert.ok(Math.abs(header.number("BMAJ")! / field.beam.majorDeg - 1) < 1e-9);
  assert.ok(field.cards.some(({ keyword, value }) => keyword === "HISTORY" && String(value).startsWith("SIMULATED")));
});

test("data-quality flags are drawn by their shares, and noise about 2.4 uJy/beam", () => {
  const facts = Array.from({ length: 600 }, (_, index) => sampleFieldFacts(MGCLS_SKY, 1, index));
  for (const flag of [0, 1, 2, 3] as const) {
    const { share } = DATA_QUALITIES[flag];
    const found = facts.filter(({ dataQualityFlag }) => dataQualityFlag === flag).length / facts.length;
    assert.ok(Math.abs(found - share) < 4 * Math.sqrt((share * (1 - share)) / facts.length), `flag ${flag}: ${found}`);
  }
  const noises = facts.map(({ noiseJyPerBeam }) => noiseJyPerBeam * 1e6);
  assert.ok(Math.abs(median(noises) - 2.4) < 0.15 && Math.min(...noises) >= 1.4 && Math.max(...noises) <= 6);
  assert.equal(new Set(facts.map(({ centre }) => `${centre.raDeg},${centre.decDeg}`)).size, facts.length);
});

test("worse flags bring the bright source, its own errors and the ripple that the truth records", () => {
  const [good, moderate, rippled] = [ofQuality(0), ofQuality(1), ofQuality(3)];
  assert.deepEqual([good.errorSources.length, good.rippleRmsJyPerBeam, poor.rippleRmsJyPerBeam], [0, 0, 0]);
  assert.ok(moderate.errorSources.length >= 1 && poor.errorSources.length >= 2 && poor.errorSources.length <= 4);
  const brightest = (one: SimulatedField) => Math.max(...one.truth.map(({ apparentFluxJy }) => apparentFluxJy));
  assert.ok(brightest(good) < 0.1 && brightest(moderate) >= 0.05 && brightest(poor) >= 0.3);
  assert.ok(poor.localRmsJyPerBeam > good.localRmsJyPerBeam);
  const noise = rippled.facts.noiseJyPerBeam;
  assert.ok(rippled.rippleRmsJyPerBeam >= noise && rippled.rippleRmsJyPerBeam <= 3 * noise);
  assert.match(
    formatTruthLines(poor)
      .split("\n")
      .find((line) => line.includes("_B0,"))!,
    /,[5-8]\.\d*$/,
  );
});

test("nothing is catalogued near a very bright source, as in MGCLS's compact catalogue", () => {
  const star = poor.truth.toSorted((a, b) => b.apparentFluxJy - a.apparentFluxJy)[0]!;
  const reach = Math.min(Math.max(60 * Math.sqrt(star.apparentFluxJy / 0.1), 30), 300) / 1.25;
  const wcs = wcsOf(fitsHeader(poor.cards))!;
  const near = poor.sources.filter(({ raDeg, decDeg }) => {
    const { x, y } = wcs.skyToPixel(raDeg, decDeg)!;
    return Math.hypot(x - star.x, y - star.y) < reach;
  });
  assert.equal(near.length, 0);
});

test("catalogue lines have MGCLS's thirteen columns, in its units", () => {
  const [line] = formatCompactLines(field.sources.slice(0, 1)).split("\n");
  const cells = line!.split(",");
  const [source] = field.sources;
  assert.equal(cells.length, 13);
  assert.equal(cells[0], source!.id);
  assert.ok(Math.abs(Number(cells[5]) / (1000 * source!.fluxJy!) - 1) < 1e-6);
  assert.ok(Math.abs(Number(cells[9]) / (3600 * source!.majorDeg!) - 1) < 1e-3);
  assert.equal(cells[12], "SIM_11_00");
});

test("the local rms of pure noise is its standard deviation, and bright sources do not raise it", () => {
  const size = 256;
  const pixels = new Float32Array(size * size);
  // Any fixed sequence of mean 0 will do: a logistic map's arcsine values have standard deviation 1 / sqrt 8.
  let state = 0.3;
  for (let place = 0; place < pixels.length; place++) {
    state = 4 * state * (1 - state);
    pixels[place] = state - 0.5;
  }
  const quiet = noiseMap(pixels, size).median;
  assert.ok(Math.abs(quiet - Math.sqrt(1 / 8)) < 0.01, `${quiet}`);
  for (let place = 0; place < pixels.length; place += 1009) pixels[place] = 1000;
  assert.ok(Math.abs(noiseMap(pixels, size).at(10, 200) / quiet - 1) < 0.02);
});

test("settings that make no sky are refused by name", () => {
  const refused: readonly (readonly [Partial<SkyConfig>, RegExp])[] = [
    [{ fieldSize: 10 }, /^RangeError: simulator: fieldSize: expected a whole number of pixels from 64 to 8192, got 10\.$/],
    [{ numFields: 0 }, /^RangeError: simulator: numFields: expected a whole number from 1 to 600, got 0\.$/],
    [
      { pixelScaleDeg: 0.01 },
      /^RangeError: simulator: pixelScaleDeg: expected degrees from 0 to .* which shows the longest baselines, got 0\.01\.$/,
    ],
    [{ robust: 3 }, /^RangeError: simulator: robust: expected -2 to 2, got 3\.$/],
    [
      { noiseJyPerBeam: [2, 1] },
      /^RangeError: simulator: noiseJyPerBeam: expected null or \[low, high\] with 0 < low <= high, got \[2,1\]\.$/,
    ],
    [{ maxFluxJy: 1e-9 }, /^RangeError: simulator: maxFluxJy: expected more than minFluxJy \(0\.000001\), got 1e-9\.$/],
    [{ clusterProbability: 2 }, /^RangeError: simulator: clusterProbability: expected 0 to 1, got 2\.$/],
  ];
  for (const [change, message] of refused) assert.throws(() => simulateField({ ...CONFIG, ...change }, 1, 0), message);
});

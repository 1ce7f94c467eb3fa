// Labelled cutouts in the manner of FIRST, and the crop set that `import images` makes of them: like MiraBest's.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { FieldImage } from "#sky/fits";
import { loadFieldImage, readFieldImage } from "#sky/fits/disk";
import { CUTOUT_LABELS, type CutoutConfig, DEFAULT_CUTOUTS, simulateCutout } from "#sky/simulator";
import { writeCutouts } from "#sky/simulator/disk";
import { realData } from "../../real-data.ts";
import { testFolder } from "../survey/small-fields.ts";

const folder = testFolder();
const ALL: CutoutConfig = { numCutouts: 21, cutoutSize: 150, labels: CUTOUT_LABELS };
const FIRST_AREA_PIXELS = (Math.PI * 3 * 3) / (4 * Math.LN2); // 5.4 arcsec in pixels of 1.8

const quartileSpread = (pixels: Float32Array) => {
  const sorted = pixels.toSorted();
  return (sorted[Math.floor(0.75 * sorted.length)]! - sorted[Math.floor(0.25 * sorted.length)]!) / 1.349;
};

test("labels are dealt out in turn, and the same seed gives the same cutout", () => {
  const cutouts = Array.from({ length: 7 }, (_, index) => simulateCutout(ALL, 1, index));
  assert.deepEqual(
    cutouts.map(({ label }) => label),
    [...CUTOUT_LABELS],
  );
  assert.deepEqual(simulateCutout(ALL, 1, 3).pixels, cutouts[3]!.pixels);
  assert.notDeepEqual(simulateCutout(ALL, 2, 3).pixels, cutouts[3]!.pixels);
  assert.equal(new Set(cutouts.map(({ raDeg, decDeg }) => `${raDeg} ${decDeg}`)).size, 7);
});

test("a cutout's noise is FIRST's 0.15 mJy/beam", () => {
  const compact: CutoutConfig = { ...ALL, labels: ["compact"] };
  const spreads = Array.from({ length: 10 }, (_, index) => quartileSpread(simulateCutout(compact, 3, index).pixels));
  const mean = spreads.reduce((sum, value) => sum + value, 0) / spreads.length;
  assert.ok(Math.abs(mean / 1.5e-4 - 1) < 0.05, `${mean}`);
});

test("a compact cutout holds its flux at its centre, under FIRST's beam", () => {
  const { pixels, fluxJy, largestSizeArcsec } = simulateCutout({ ...ALL, labels: ["compact"] }, 5, 0);
  let sum = 0;
  for (let y = 65; y < 85; y++) for (let x = 65; x < 85; x++) sum += pixels[y * 150 + x]!;
  // 400 pixels of noise correlated over one beam: 0.15 mJy x sqrt(400 / area) beams.
  assert.ok(
    Math.abs(sum / FIRST_AREA_PIXELS - fluxJy) < 5 * 1.5e-4 * Math.sqrt(400 / FIRST_AREA_PIXELS) + 0.01 * fluxJy,
    `${sum / FIRST_AREA_PIXELS}, not ${fluxJy}`,
  );
  assert.ok(largestSizeArcsec <= 4);
  const peak = pixels.reduce((highest, value) => Math.max(highest, value), 0);
  assert.ok(peak < fluxJy + 1e-3 && peak > 0.5 * fluxJy);
});

const real = realData("first_fields_rice");

test("peaks stand as far apart for a galaxy's extent as in real FIRST images of its class, within 0.13 (Fanaroff and Riley's test)", {
  skip: real.skip,
}, async () => {
  // MiraBest's confident, standard FRI and FRII. The recipes were tuned on such images, so this guards them and proves nothing.
  for (const [label, code] of [
    ["FRI", "100"],
    ["FRII", "200"],
  ] as const) {
    const files = readdirSync(real.path).filter((name) => name.startsWith(`${code}_`));
    const images = await Promise.all(files.map(async (name) => middleOf(await loadFieldImage(join(real.path, name)), 150)));
    const simulated = Array.from({ length: 150 }, (_, index) => simulateCutout({ ...ALL, labels: [label] }, 7, index).pixels);
    const [expected, got] = [images, simulated].map((all) => median(all.map((pixels) => separationOverExtent(pixels, 150))));
    assert.ok(Math.abs(got! - expected!) < 0.13, `${label}: ${got}, real ${expected}`);
    if (label === "FRI") assert.ok(got! < 0.35, `${got}`);
    else assert.ok(got! > 0.38, `${got}`);
  }
});

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** The central square; what has no value is 0. */
function middleOf({ pixels, width, height }: FieldImage, size: number): Float32Array {
  const [left, low] = [(width - size) / 2, (height - size) / 2];
  return Float32Array.from({ length: size * size }, (_, place) => {
    const value = pixels[(Math.floor(place / size) + low) * width + (place % size) + left]!;
    return Number.isNaN(value) ? 0 : value;
  });
}

/** Of the island in the middle: its pixels above 3 rms, 8-connected; of its two brightest peaks above 5 rms. */
function separationOverExtent(pixels: Float32Array, size: number): number {
  const rms = 1.5e-4;
  const island = islandAt(pixels, size, 3 * rms);
  const peaks = island
    .filter((place) => pixels[place]! > 5 * rms && neighbours(place, size).every((other) => pixels[other]! < pixels[place]!))
    .toSorted((a, b) => pixels[b]! - pixels[a]!);
  if (peaks.length < 2) return 0;
  const apart = (a: number, b: number) => Math.hypot((a % size) - (b % size), Math.floor(a / size) - Math.floor(b / size));
  const extent = Math.max(...island.map((a) => island.reduce((far, b) => Math.max(far, apart(a, b)), 0)));
  return apart(peaks[0]!, peaks[1]!) / extent;
}

function islandAt(pixels: Float32Array, size: number, level: number): readonly number[] {
  const seen = new Set<number>();
  const centre = Math.floor(size / 2);
  const seeds: number[] = [];
  for (let y = centre - 8; y <= centre + 8; y++) for (let x = centre - 8; x <= centre + 8; x++) seeds.push(y * size + x);
  const queue = seeds.filter((place) => pixels[place]! > level);
  for (const place of queue) {
    if (seen.has(place)) continue;
    seen.add(place);
    queue.push(...neighbours(place, size).filter((other) => !seen.has(other) && pixels[other]! > level));
  }
  return [...seen];
}

function neighbours(place: number, size: number): readonly number[] {
  const [x, y] = [place % size, Math.floor(place / size)];
  const all = [-1, 0, 1].flatMap((dy) => [-1, 0, 1].map((dx) => [x + dx, y + dy] as const));
  const inside = all.filter(([column, row]) => column >= 0 && row >= 0 && column < size && row < size);
  return inside.map(([column, row]) => row * size + column).filter((other) => other !== place);
}

test("a set of cutouts on disk has a table of its labels, and images that read back as they were made", () => {
  const out = join(folder, "cutouts");
  const written = writeCutouts(ALL, 1, out, () => {});
  assert.equal(written.numCutouts, 21);
  assert.deepEqual(Object.values(written.numOfLabel), [3, 3, 3, 3, 3, 3, 3]);
  const [heading, ...lines] = readFileSync(written.labels, "utf8").trimEnd().split("\n");
  assert.equal(heading, "file,label,ra_deg,dec_deg,flux_jy,las_arcsec,core_fraction");
  assert.equal(lines.length, 21);
  for (const [index, line] of lines.entries()) {
    const [file, label, ra] = line.split(",");
    const cutout = simulateCutout(ALL, 1, index);
    const image = readFieldImage(join(out, file!));
    assert.equal(label, cutout.label);
    assert.deepEqual(image.pixels, cutout.pixels);
    assert.ok(Math.abs(Number(ra) - cutout.raDeg) < 1e-8);
    assert.ok(Math.abs(image.beam!.majorDeg * 3600 - 5.4) < 1e-9);
  }
});

test("cutouts without labels, or smaller than a galaxy, are refused", () => {
  assert.throws(
    () => simulateCutout({ ...DEFAULT_CUTOUTS, labels: [] }, 1, 0),
    /^RangeError: cutouts: labels: expected at least one label, got none\.$/,
  );
  assert.throws(
    () => simulateCutout({ ...DEFAULT_CUTOUTS, cutoutSize: 16 }, 1, 0),
    /^RangeError: cutouts: cutoutSize: expected a whole number of at least 32 pixels, got 16\.$/,
  );
});

// Crops that show the same sky: areas worked out by hand, every way of telling, and what is no overlap.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { type CropRecord, type CropSet, type CropSetInfo, findOverlaps, squareOnSky, UNKNOWN_CROP } from "#sky/survey";

const SIDE_DEG = 0.1;

function record(id: string, sky: Partial<CropRecord>): CropRecord {
  return { ...UNKNOWN_CROP, id, field: "one", lowFlux: 0, highFlux: 1, ...sky };
}

/** A set in memory; `pixels` of each crop, zeros where there are none. */
function cropSet(name: string, records: readonly CropRecord[], pixels: readonly Float32Array[] = [], cropSize = 100): CropSet {
  const info: CropSetInfo = {
    version: 1,
    name,
    fluxUnit: "arbitrary",
    tiling: "images",
    cropSize,
    storedSize: cropSize,
    lowPercentile: 2,
    highPercentile: 98,
    resizeRule: "none",
    fields: [],
    catalogue: null,
  };
  return { info, records, sha256: name, pixelsOf: (index) => pixels[index] ?? new Float32Array(cropSize ** 2), close() {} };
}

const at = (id: string, raDeg: number, decDeg: number) => record(id, squareOnSky(raDeg, decDeg, SIDE_DEG));

test("squares on the sky share the area that plane geometry gives, whichever way they lie", async () => {
  const cos = Math.cos((20 * Math.PI) / 180);
  const first = cropSet("a", [at("east", 30, 20)]);
  const half = SIDE_DEG / 2;
  const turned = (raDeg: number, decDeg: number): Partial<CropRecord> => ({
    raDeg,
    decDeg,
    cornersRaDeg: [raDeg + half / cos, raDeg, raDeg - half / cos, raDeg],
    cornersDecDeg: [decDeg, decDeg + half, decDeg, decDeg - half],
  });
  const second = cropSet("b", [
    at("half a side west", 30 - half / cos, 20),
    at("a quarter each way", 30 + half / cos, 20 + half),
    at("beside", 30, 20 + 1.01 * SIDE_DEG),
    record("a square on its tip, half the area", turned(30, 20)),
    at("itself", 30, 20),
    at("far away", 210, -20),
  ]);
  const { pairs, by, numFirst, numSecond, numFirstShared, numSecondShared } = await findOverlaps({ set: first }, { set: second });
  assert.equal(by, "sky");
  assert.deepEqual(
    pairs.map(({ secondRow }) => secondRow),
    [0, 1, 3, 4],
  );
  [0.5, 0.25, 0.5, 1].forEach(
    (share, index) => void assert.ok(Math.abs(pairs[index]!.sharedArea - share) < 1e-3, `${index}: ${pairs[index]!.sharedArea}`),
  );
  assert.ok(Math.abs(pairs[0]!.separationDeg! - half) < 1e-5);
  assert.deepEqual([numFirst, numSecond, numFirstShared, numSecondShared], [1, 6, 1, 4]);
});

test("overlaps are found across RA 0 and round the pole", async () => {
  const first = cropSet("a", [at("west of 0", 359.98, -30), at("at the pole", 10, 89.98)]);
  const second = cropSet("b", [at("east of 0", 0.02, -30), at("over the pole", 190, 89.99)]);
  const { pairs } = await findOverlaps({ set: first }, { set: second });
  assert.deepEqual(
    pairs.map(({ firstRow, secondRow }) => [firstRow, secondRow]),
    [
      [0, 0],
      [1, 1],
    ],
  );
  const wanted = 1 - (0.04 * Math.cos((30 * Math.PI) / 180)) / SIDE_DEG;
  assert.ok(Math.abs(pairs[0]!.sharedArea - wanted) < 1e-3, String(pairs[0]!.sharedArea));
  assert.ok(Math.abs(pairs[1]!.separationDeg! - 0.03) < 1e-9);
});

test("a small share may be let pass, a crop is not compared with itself, and rows may be chosen", async () => {
  const set = cropSet("a", [at("a", 50, 0), at("b", 50 + 0.95 * SIDE_DEG, 0), at("c", 50 + 0.5 * SIDE_DEG, 0)]);
  const rowsOf = async (minSharedArea: number) =>
    (await findOverlaps({ set, rows: [0, 1] }, { set, rows: [1, 2] }, { minSharedArea })).pairs.map((pair) => [
      pair.firstRow,
      pair.secondRow,
    ]);
  assert.deepEqual(await rowsOf(0), [
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  assert.deepEqual(await rowsOf(0.1), [
    [0, 2],
    [1, 2],
  ]);
});

test("a position without a size counts as a point inside another crop", async () => {
  const first = cropSet("a", [at("a", 50, 0)]);
  const second = cropSet("b", [record("inside", { raDeg: 50.04, decDeg: 0.04 }), record("outside", { raDeg: 50.06, decDeg: 0 })]);
  const { pairs } = await findOverlaps({ set: first }, { set: second });
  assert.deepEqual(
    pairs.map(({ secondRow, sharedArea }) => [secondRow, sharedArea]),
    [[0, 1]],
  );
  const back = await findOverlaps({ set: second }, { set: first });
  assert.deepEqual(
    back.pairs.map(({ firstRow, sharedArea }) => [firstRow, sharedArea]),
    [[0, 1]],
  );
});

const SIZE = 120;

/** Spots on noise, in a square of twice a crop's side. */
function sky(seed: number, noise: number): Float32Array {
  const random = randomFor(seed, "overlap");
  const side = 2 * SIZE;
  const pixels = Float32Array.from({ length: side * side }, () => noise * random.normal());
  for (let spot = 0; spot < 120; spot++) {
    const [y, x, flux] = [3 + random.integer(side - 6), 3 + random.integer(side - 6), 20 / (0.05 + random.uniform())];
    for (let dy = -3; dy <= 3; dy++)
      for (let dx = -3; dx <= 3; dx++) pixels[(y + dy) * side + x + dx]! += flux * Math.exp(-(dy * dy + dx * dx) / 3);
  }
  return pixels;
}

function cut(whole: Float32Array, y0: number, x0: number): Float32Array {
  return Float32Array.from(
    { length: SIZE * SIZE },
    (_, index) => whole[(y0 + Math.floor(index / SIZE)) * 2 * SIZE + x0 + (index % SIZE)]!,
  );
}

test("crops without positions are told by their pixels, with the noise in them or without", async () => {
  for (const noise of [0, 1]) {
    const wholes = [1, 2, 3, 4, 5].map((seed) => sky(seed, noise));
    const clean = (pixels: Float32Array) => (noise === 0 ? pixels.map((value) => (value < 1 ? 0 : value)) : pixels);
    const first = wholes.map((whole) => clean(cut(whole, 40, 40)));
    const second = [wholes[3]!, wholes[1]!, sky(77, noise)].map((whole) => clean(cut(whole, 60, 10)));
    const named = (count: number) => Array.from({ length: count }, (_, index) => record(`crop ${index}`, {}));
    const steps: number[] = [];
    const report = await findOverlaps(
      { set: cropSet("a", named(5), first, SIZE) },
      { set: cropSet("b", named(3), second, SIZE) },
      { onProgress: ({ done, total }) => void steps.push(done / total) },
    );
    assert.equal(report.by, "pixels");
    assert.deepEqual(
      report.pairs.map(({ firstRow, secondRow }) => [firstRow, secondRow]),
      [
        [1, 1],
        [3, 0],
      ],
      `noise ${noise}`,
    );
    for (const { correlation, sharedArea, separationDeg } of report.pairs) {
      assert.ok(correlation! > 0.6, `correlation ${correlation}`);
      assert.ok(Math.abs(sharedArea - (100 * 90) / SIZE ** 2) < 0.02, `shared ${sharedArea}`);
      assert.equal(separationDeg, null);
    }
    assert.deepEqual(steps, [0.2, 0.4, 0.6, 0.8, 1]);
  }
});

test("one crop with a position and one without are told by their pixels, too", async () => {
  const pixels = cut(sky(8, 0), 20, 20);
  const other = cut(sky(9, 0), 20, 20);
  const first = cropSet("a", [at("placed", 10, 10), record("not placed", {})], [pixels, other], SIZE);
  const second = cropSet(
    "b",
    [record("the same", {}), at("elsewhere", 90, 10), at("here", 10, 10)],
    [pixels, other, pixels],
    SIZE,
  );
  const { by, pairs } = await findOverlaps({ set: first }, { set: second });
  assert.equal(by, "mixed");
  assert.deepEqual(
    pairs.map((pair) => [pair.firstRow, pair.secondRow, pair.by]),
    [
      [0, 0, "pixels"],
      [0, 2, "sky"],
      [1, 1, "pixels"],
    ],
  );
});

test("pictures of one source are one only where their pixels are, and are counted as unclear", async () => {
  const spot = (width: number) =>
    Float32Array.from({ length: SIZE * SIZE }, (_, index) => {
      const [y, x] = [Math.floor(index / SIZE) - 60, (index % SIZE) - 60];
      const flux = Math.round(1000 * Math.exp(-(y * y + x * x) / width));
      return flux < 20 ? 0 : flux;
    });
  const named = (count: number) => Array.from({ length: count }, (_, index) => record(`crop ${index}`, {}));
  const first = cropSet("a", named(1), [spot(20)], SIZE);
  const second = cropSet("b", named(3), [spot(26), spot(20), cut(sky(3, 0), 10, 10)], SIZE);
  const { pairs, numFirstUnclear, numSecondUnclear } = await findOverlaps({ set: first }, { set: second });
  assert.deepEqual(
    pairs.map(({ firstRow, secondRow }) => [firstRow, secondRow]),
    [[0, 1]],
  );
  assert.deepEqual([numFirstUnclear, numSecondUnclear], [1, 2]);
});

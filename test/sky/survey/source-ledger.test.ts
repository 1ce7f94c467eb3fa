import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import type { Source } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import { cropPlaces, type LedgerField, sourceLedger } from "#sky/survey";

/** A flat sky: RA is the pixel's x plus `shift`, Dec its y. */
function flatWcs(shift = 0): Wcs {
  return {
    projection: "TAN",
    frame: "ICRS",
    equinox: 2000,
    pixelScaleDeg: 1,
    skyToPixel: (raDeg, decDeg) => ({ x: raDeg - shift, y: decDeg }),
    pixelToSky: (x, y) => ({ raDeg: x + shift, decDeg: y }),
    skyToPixels: (raDeg, decDeg) => ({ x: Float64Array.from(raDeg, (value) => value - shift), y: Float64Array.from(decDeg) }),
  };
}

function source(x: number, y: number, field: string | null = null): Source {
  return {
    id: null,
    raDeg: x,
    decDeg: y,
    fluxJy: null,
    peakFluxJyPerBeam: null,
    majorDeg: null,
    minorDeg: null,
    positionAngleDeg: null,
    field,
  };
}

function field(name: string, size: number, cropSize: number, more: Partial<LedgerField> = {}): LedgerField {
  const places = cropPlaces({ height: size, width: size }, { cropSize, tiling: "cover" }, name);
  return { name, height: size, width: size, wcs: flatWcs(), places, firstCrop: 0, ...more };
}

test("every source inside a field belongs to exactly one crop, overlaps or none", () => {
  const random = randomFor(3, "sources");
  for (const [size, cropSize] of [
    [100, 30],
    [64, 64],
    [97, 13],
    [50, 26],
  ] as const) {
    const sources = Array.from({ length: 400 }, () =>
      source(random.uniformBetween(-0.5, size - 0.5), random.uniformBetween(-0.5, size - 0.5)),
    );
    const one = field("a", size, cropSize);
    const ledger = sourceLedger(sources, cropSize, ["a"]);
    ledger.addField(one);
    const counts = ledger.countsPerCrop(one.places.length);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      400,
    );
    assert.deepEqual(ledger.totals(), { inside: 400, owned: 400, excluded: 0 });
  }
});

test("in an overlap the crop with the nearer centre owns the source, the first where both are as near", () => {
  // Two crops of 10 on 14 pixels: x 0 to 9 and 4 to 13, centres 4.5 and 8.5.
  const two = {
    ...field("a", 14, 10),
    height: 10,
    places: [
      { y0: 0, x0: 0 },
      { y0: 0, x0: 4 },
    ],
  };
  const countsOf = (x: number) => {
    const ledger = sourceLedger([source(x, 5)], 10, ["a"]);
    ledger.addField(two);
    return Array.from(ledger.countsPerCrop(2));
  };
  assert.deepEqual(countsOf(6.4), [1, 0]);
  assert.deepEqual(countsOf(6.6), [0, 1]);
  assert.deepEqual(countsOf(6.5), [1, 0]);
});

test("a source belongs to a field as far as half a pixel beyond the centres of its edge pixels", () => {
  const inside = sourceLedger(
    [source(-0.5, 0), source(9.49, 9.49), source(-0.51, 0), source(9.5, 0), source(Number.NaN, 0)],
    10,
    ["a"],
  );
  const { sourcesInside } = inside.addField(field("a", 10, 10));
  assert.equal(sourcesInside, 2);
  assert.equal(inside.countsPerCrop(1)[0], 2);
});

test("a source in a gap or a rejected crop is inside the field but owned by nobody", () => {
  const ledger = sourceLedger([source(2, 2), source(12, 2)], 10, ["a"]);
  ledger.addField(field("a", 20, 10, { places: [{ y0: 0, x0: 0 }] }));
  assert.deepEqual(ledger.totals(), { inside: 2, owned: 1, excluded: 0 });
});

test("a source that two fields show is owned once, by the crop with the nearer centre", () => {
  const ledger = sourceLedger([source(9, 5)], 10, ["a", "b"]);
  ledger.addField(field("a", 10, 10));
  ledger.addField(field("b", 10, 10, { wcs: flatWcs(5), firstCrop: 1 }));
  assert.deepEqual(Array.from(ledger.countsPerCrop(2)), [0, 1]);
  assert.deepEqual(ledger.totals(), { inside: 1, owned: 1, excluded: 0 });
});

test("where the catalogue names fields, a source counts in its own alone, and a named field is covered even without a source inside", () => {
  const sources = [source(5, 5, "a"), source(6, 6, "b"), source(99, 99, "c")];
  const ledger = sourceLedger(sources, 10, ["a", "b", "c", "d"]);
  assert.deepEqual(ledger.addField(field("a", 10, 10)), { isCovered: true, sourcesInside: 1, lookedAt: [1], perCrop: [1] });
  assert.deepEqual(ledger.addField(field("b", 10, 10, { firstCrop: 1 })), {
    isCovered: true,
    sourcesInside: 1,
    lookedAt: [1],
    perCrop: [1],
  });
  assert.deepEqual(ledger.addField(field("c", 10, 10, { firstCrop: 2 })), {
    isCovered: true,
    sourcesInside: 0,
    lookedAt: [1],
    perCrop: [1],
  });
  assert.deepEqual(ledger.addField(field("d", 10, 10, { firstCrop: 3 })), {
    isCovered: false,
    sourcesInside: 0,
    lookedAt: [1],
    perCrop: [0],
  });
  assert.deepEqual(Array.from(ledger.countsPerCrop(4)), [1, 1, 0, 0]);
});

test("names that are none of the fields' leave the word to the positions", () => {
  const ledger = sourceLedger([source(5, 5, "Abell 209")], 10, ["abell-209-pol-I"]);
  assert.deepEqual(ledger.addField(field("abell-209-pol-I", 10, 10)), {
    isCovered: true,
    sourcesInside: 1,
    lookedAt: [1],
    perCrop: [1],
  });
});

test("half a million sources find their owners among 40,000 crops", () => {
  const random = randomFor(4, "many sources");
  const size = 200 * 50;
  const one = field("a", size, 50);
  assert.equal(one.places.length, 40_000);
  const sources = Array.from({ length: 500_000 }, () =>
    source(random.uniformBetween(-0.5, size - 0.5), random.uniformBetween(-0.5, size - 0.5)),
  );
  const ledger = sourceLedger(sources, 50, ["a"]);
  ledger.addField(one);
  // Crops that neither overlap nor leave gaps: the one that holds a pixel is told by division.
  const expected = new Uint32Array(40_000);
  for (const { raDeg, decDeg } of sources) expected[200 * Math.floor((decDeg + 0.5) / 50) + Math.floor((raDeg + 0.5) / 50)]! += 1;
  assert.deepEqual(ledger.countsPerCrop(40_000), expected);
});

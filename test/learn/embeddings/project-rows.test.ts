// Projections onto a plane: the same every time, trustworthy, and refused where they make no sense.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import {
  applyPca,
  fitPca,
  matrixOf,
  PROJECTION_DEFAULTS,
  type ProjectionMethod,
  type RowBlocks,
  rowBlocks,
  standardisedBlocks,
  standardisedRows,
} from "#learn/embeddings";
import { MatrixProducts, projectRows, trustworthiness } from "#learn/embeddings/native";

const NUM_GROUPS = 4;

/** Rows about four centres, row r about centre r mod 4. */
function groupedRows(N: number, D: number) {
  const random = randomFor(11, "grouped rows");
  const centres = Float64Array.from({ length: NUM_GROUPS * D }, () => 6 * random.normal());
  const data = Float32Array.from(
    { length: N * D },
    (_, index) => centres[(Math.floor(index / D) % NUM_GROUPS) * D + (index % D)]! + random.normal(),
  );
  return { ...rowBlocks(data, D), data };
}

const settings = (method: ProjectionMethod, more = {}) => ({
  ...PROJECTION_DEFAULTS,
  method,
  perplexity: 10,
  numIterations: 500,
  numThreads: 2,
  ...more,
});

for (const method of ["tsne", "umap"] as const) {
  test(`${method} keeps groups together and gives the same points every time, with one thread and with two`, async () => {
    const rows = groupedRows(160, 12);
    const { coordinates, trustworthiness: trust, parameters } = await projectRows(rows, settings(method));
    const nearest = Array.from({ length: 160 }, (_, row) => nearestOf(coordinates, row));
    assert.ok(nearest.filter((other, row) => other % NUM_GROUPS === row % NUM_GROUPS).length >= 158);
    assert.ok(trust.value > 0.85 && trust.value < 1, `${trust.value}`);
    assert.equal(trust.numMeasured, 160);
    assert.equal(parameters["method"], method);
    const again = await projectRows(rows, settings(method, { numThreads: 1 }));
    assert.deepEqual(again.coordinates, coordinates);
  });
}

function nearestOf(coordinates: Float64Array, row: number): number {
  let found = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let other = 0; other < coordinates.length / 2; other++) {
    const distance = Math.hypot(
      coordinates[2 * other]! - coordinates[2 * row]!,
      coordinates[2 * other + 1]! - coordinates[2 * row + 1]!,
    );
    if (other !== row && distance < least) [found, least] = [other, distance];
  }
  return found;
}

test("the plane of pca is that of the two first components of the standardised rows", async () => {
  const rows = groupedRows(90, 7);
  const { coordinates, parameters } = await projectRows(rows, settings("pca"));
  const matrix = matrixOf(90, 7, Float64Array.from(standardisedRows(rows.data, 7)));
  const pca = fitPca(matrix, 2);
  for (const [index, value] of applyPca(pca, matrix).data.entries())
    assert.ok(Math.abs(coordinates[index]! - value) < 1e-4, `${index}`);
  const share = (pca.explainedVariance[0]! + pca.explainedVariance[1]!) / pca.totalVariance;
  assert.ok(Math.abs((parameters["explainedVarianceShare"] as number) - share) < 1e-6);
});

test("standardised columns have mean 0 and deviation 1, and a constant column is 0", () => {
  const rows = standardisedRows(Float32Array.of(1, 5, 0.1, 3, 5, 0.1, 5, 5, 0.1), 3);
  const half = Math.sqrt(1.5);
  for (const [index, value] of [-half, 0, 0, 0, 0, 0, half, 0, 0].entries()) assert.ok(Math.abs(rows[index]! - value) < 1e-6);
});

test("rows that are read by the block are standardised, projected and trusted as those in memory", async () => {
  // Two blocks and some rows: a block holds at most 4096.
  const { data, ...whole } = groupedRows(9000, 6);
  let mostAtOnce = 0;
  const read: RowBlocks = {
    ...whole,
    read: async (start, count) => {
      mostAtOnce = Math.max(mostAtOnce, count);
      return data.slice(6 * start, 6 * (start + count));
    },
  };
  const scaled = await standardisedBlocks(read);
  const [tail, all] = [await scaled.read(8000, 1000), standardisedRows(data, 6)];
  assert.deepEqual(tail, all.subarray(6 * 8000));
  const found = await projectRows(read, settings("pca"));
  assert.deepEqual(found, await projectRows(whole, settings("pca")));
  assert.ok(mostAtOnce <= 4096, `${mostAtOnce}`);
  assert.deepEqual([found.coordinates.length, found.trustworthiness.numMeasured], [18_000, 2000]);
});

test("trustworthiness is 1 for points on a line laid out in their order, and as by hand where two are swapped", async () => {
  const products = new MatrixProducts();
  const rows = rowBlocks(Float32Array.of(0, 1, 2.1, 3.3, 4.6, 6, 7.5), 1);
  const line = Float64Array.of(0, 0, 1, 0, 2.1, 0, 3.3, 0, 4.6, 0, 6, 0, 7.5, 0);
  const options = { numNeighbours: 1, maxMeasured: 100 };
  assert.equal((await trustworthiness(rows, line, options, products)).value, 1);
  // The last point beside the first: their neighbours are each other, at rank 6 of 6 for both; the second loses its neighbour to none.
  const moved = Float64Array.of(0, 0, 1, 0, 2.1, 0, 3.3, 0, 4.6, 0, 6, 0, -0.1, 0);
  const { value } = await trustworthiness(rows, moved, options, products);
  products.close();
  const excess = 6 - 1 + (6 - 1);
  assert.ok(Math.abs(value - (1 - (2 * excess) / (7 * 1 * (2 * 7 - 3 * 1 - 1)))) < 1e-12, `${value}`);
});

test("rows that are too few, or not finite, are refused with what to do", async () => {
  const rows = groupedRows(40, 5);
  await assert.rejects(projectRows(rows, settings("tsne", { perplexity: 30 })), {
    message: "project: expected more than 90 rows for tsne, got 40. Give more, or a perplexity of 13 or less.",
  });
  await assert.rejects(projectRows(rowBlocks(rows.data.slice(0, 60), 5), settings("umap")), {
    message: "project: expected more than 15 rows for umap, got 12. Give more, or 11 neighbours or fewer.",
  });
  const broken = rows.data.slice();
  broken[5 * 7 + 2] = Number.NaN;
  broken[5 * 9] = Number.POSITIVE_INFINITY;
  await assert.rejects(projectRows(rowBlocks(broken, 5), settings("pca")), {
    message: "project: expected finite numbers, got NaN or infinite ones in 2 of 40 rows, first in row 7. Leave them out.",
  });
});

test("rows that are all equal are refused by every method; few rows are projected, and trusted by fewer neighbours", async () => {
  const equal = Float32Array.from({ length: 200 }, (_, index) => [0.1, 3, -7, 1e6, 0][index % 5]!);
  for (const method of ["pca", "tsne", "umap"] as const)
    for (const scaling of ["standardised", "none"] as const)
      await assert.rejects(projectRows(rowBlocks(equal, 5), settings(method, { perplexity: 5, scaling })), {
        message:
          "project: expected rows that differ, got 40 rows that are all equal, or equal but for rounding: they have no places on a plane.",
      });
  const few = groupedRows(40, 5).data.slice(0, 35);
  const { coordinates, trustworthiness: trust } = await projectRows(rowBlocks(few, 5), settings("pca"));
  assert.deepEqual([coordinates.length, trust.numNeighbours, trust.numMeasured], [14, 3, 7]);
  assert.ok(trust.value > 0 && trust.value <= 1);
  await assert.rejects(projectRows(rowBlocks(few.slice(0, 10), 5), settings("tsne")), {
    message: "project: expected more than 30 rows for tsne, got 2. Give more.",
  });
});

test("rows of which half are one and the same are laid out all the same, at finite places", async () => {
  const { data } = groupedRows(60, 5);
  for (let row = 1; row < 60; row += 2) data.set(data.subarray(0, 5), 5 * row);
  for (const method of ["tsne", "umap"] as const) {
    const { coordinates } = await projectRows(rowBlocks(data, 5), settings(method, { perplexity: 5 }));
    assert.equal(coordinates.length, 120);
    assert.ok(coordinates.every(Number.isFinite), method);
  }
});

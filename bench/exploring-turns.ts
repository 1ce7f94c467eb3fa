// Suricate's side of bench pca, tsne and neighbours.
import { writeFileSync } from "node:fs";
import { ndArray } from "#base/array";
import { formatNpy, parseNpy } from "#base/files";
import { readBytes } from "#base/files/disk";
import { PROJECTION_DEFAULTS, rowBlocks } from "#learn/embeddings";
import { applyLargePca, fitLargePca, MatrixProducts, nearestNeighbours, projectRows } from "#learn/embeddings/native";
import type { RowsTask } from "./embedding-rows.ts";
import type { ExploringName } from "./exploring.ts";
import { type Side, serveTurns } from "./turns.ts";

const task = JSON.parse(process.argv[2]!) as RowsTask & { readonly name: ExploringName }; // written by bench/exploring.ts
const { numRows, numColumns, k, numThreads } = task;
const data = parseNpy(readBytes(task.file), task.file).data as Float32Array; // as writeRows wrote it
const products = new MatrixProducts({ numThreads });

const TURNS: Readonly<Record<ExploringName, Side["turn"]>> = {
  async pca() {
    const rows = rowBlocks(data, numColumns);
    const pca = await fitLargePca(rows, k, products);
    const along = await applyLargePca(pca, rows, products);
    if (!along.every(Number.isFinite)) throw new Error("a component is not finite");
    return { explainedVariance: pca.explainedVariance.reduce((sum, one) => sum + one, 0) };
  },
  async neighbours() {
    const queries = { numColumns, data };
    const found = await nearestNeighbours(
      rowBlocks(data, numColumns),
      queries,
      { k, metric: "euclidean", self: "skip" },
      products,
    );
    return { meanDistance: found.distances.reduce((sum, one) => sum + one, 0) / found.distances.length };
  },
  async tsne() {
    const settings = { ...PROJECTION_DEFAULTS, method: "tsne", scaling: "none", numComponents: null, numThreads } as const;
    const { coordinates } = await projectRows(rowBlocks(data, numColumns), settings);
    writeFileSync(task.out!, formatNpy(ndArray("float64", [numRows, 2], coordinates)));
    return {};
  },
};

/** A t-SNE is minutes long: it warms by a short one of few rows. */
const WARM: Readonly<Record<ExploringName, () => Promise<unknown>>> = {
  pca: TURNS.pca,
  neighbours: async () => {
    const few = data.subarray(0, Math.min(numRows, 4096) * numColumns);
    const queries = { numColumns, data: few };
    await nearestNeighbours(rowBlocks(few, numColumns), queries, { k, metric: "euclidean", self: "skip" }, products);
  },
  tsne: async () => {
    const few = data.subarray(0, Math.min(numRows, 1000) * numColumns);
    await projectRows(rowBlocks(few, numColumns), { ...PROJECTION_DEFAULTS, method: "tsne", numIterations: 100, numThreads });
  },
};

await serveTurns({
  warm: async () => {
    await WARM[task.name]();
  },
  turn: TURNS[task.name],
});

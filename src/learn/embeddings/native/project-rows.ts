// Rows to points of a plane: PCA and t-SNE (van der Maaten 2014) by our own code, UMAP (McInnes et al. 2018) by scran.js.
import type { FloatRows } from "../metric.ts";
import type { Projection, ProjectionSettings } from "../projection.ts";
import { blocksOf, gatheredRows, type RowBlocks, rowBlocks } from "../row-blocks.ts";
import { standardisedBlocks } from "../standardise.ts";
import { affinitiesOf } from "../tsne/affinities.ts";
import { fitTsne } from "../tsne/fit-tsne.ts";
import { startFrom } from "../tsne/start.ts";
import { applyLargePca, fitLargePca } from "./large-pca.ts";
import { MatrixProducts } from "./matrix-products.ts";
import { type Neighbours, nearestNeighbours } from "./nearest-neighbours.ts";
import { trustworthiness } from "./trustworthiness.ts";

export interface ProjectRowsOptions extends ProjectionSettings {
  readonly numThreads: number;
  /** Told how much of the whole is done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Neighbours by which trustworthiness is measured, as many as scikit-learn's default and the literature's usual 12 lie about; of few rows fewer. */
const NUM_TRUSTED = 12;
/** Rows that trustworthiness is measured on at most: its standard error is then a few ten-thousandths. */
const MAX_MEASURED = 2000;
/** Epochs of UMAP as umap-learn chooses them. */
const EPOCHS = { few: 500, many: 200, manyFrom: 10_000 };

/**
 * Projects rows [N, D] onto a plane; the same numbers whatever the number of threads. PCA reads them by the block, t-SNE and UMAP gather
 * them. Throws RangeError for too few rows, for rows that are all equal, and, naming the first row, for numbers that are not finite.
 */
export async function projectRows(rows: RowBlocks, options: ProjectRowsOptions): Promise<Projection> {
  const { method, scaling, numThreads } = options;
  await checkRows(rows, options);
  const scaled = scaling === "standardised" ? await standardisedBlocks(rows) : rows;
  await checkApart(scaled);
  const products = new MatrixProducts({ numThreads });
  try {
    const { coordinates, parameters } = await METHODS[method](scaled, options, products);
    const { numRows } = rows;
    const measure = { numNeighbours: Math.min(NUM_TRUSTED, Math.ceil(numRows / 2) - 1), maxMeasured: MAX_MEASURED };
    return {
      coordinates,
      parameters: { method, scaling, ...parameters },
      trustworthiness: await trustworthiness(scaled, coordinates, measure, products),
    };
  } finally {
    products.close();
  }
}

async function checkRows(rows: RowBlocks, { method, perplexity, numNeighbours }: ProjectRowsOptions): Promise<void> {
  await checkFinite(rows);
  const N = rows.numRows;
  const needed = { pca: MIN_ROWS - 1, tsne: 3 * perplexity, umap: Math.max(numNeighbours, MIN_ROWS - 1) }[method];
  if (N <= needed)
    throw new RangeError(`project: expected more than ${needed} rows for ${method}, got ${N}. ${adviceFor(method, N)}`);
}

/** Trustworthiness asks for more than twice its neighbours, and there is one at least. */
const MIN_ROWS = 3;

async function checkFinite(rows: RowBlocks): Promise<void> {
  let numBad = 0;
  let first = -1;
  for await (const { start, count, data } of blocksOf(rows)) {
    for (let row = 0; row < count; row++) {
      if (data.subarray(row * rows.numColumns, (row + 1) * rows.numColumns).every(Number.isFinite)) continue;
      if (numBad === 0) first = start + row;
      numBad += 1;
    }
  }
  if (numBad === 0) return;
  throw new RangeError(
    `project: expected finite numbers, got NaN or infinite ones in ${numBad} of ${rows.numRows} rows, first in row ${first}. Leave them out.`,
  );
}

/** What would do with this many rows. */
function adviceFor(method: ProjectionSettings["method"], N: number): string {
  const perplexity = Math.floor((N - 1) / 3);
  if (method === "tsne" && perplexity >= 2) return `Give more, or a perplexity of ${perplexity} or less.`;
  if (method === "umap" && N > MIN_ROWS) return `Give more, or ${N - 1} neighbours or fewer.`;
  return "Give more.";
}

async function checkApart(rows: RowBlocks): Promise<void> {
  const D = rows.numColumns;
  const first = (await rows.read(0, 1)).slice();
  for await (const { data } of blocksOf(rows)) if (data.some((value, index) => value !== first[index % D])) return;
  throw new RangeError(
    `project: expected rows that differ, got ${rows.numRows} rows that are all equal, or equal but for rounding: they have no places on a plane.`,
  );
}

type Projecting = (
  rows: RowBlocks,
  options: ProjectRowsOptions,
  products: MatrixProducts,
) => Promise<Pick<Projection, "coordinates" | "parameters">>;

const METHODS: Readonly<Record<ProjectionSettings["method"], Projecting>> = {
  pca: async (blocks, _, products) => {
    const pca = await fitLargePca(blocks, 2, products);
    if (pca.components.numRows < 2)
      throw new RangeError(`project: expected rows that span a plane, got ${pca.components.numRows} directions.`);
    const share = (pca.explainedVariance[0]! + pca.explainedVariance[1]!) / pca.totalVariance;
    return {
      coordinates: Float64Array.from(await applyLargePca(pca, blocks, products)),
      parameters: { explainedVarianceShare: share },
    };
  },

  tsne: async (rows, { numComponents, perplexity, numIterations, onProgress }, products) => {
    const shown = await reducedRows(rows, numComponents, products);
    const N = shown.data.length / shown.numColumns;
    const k = Math.min(N - 1, Math.floor(3 * perplexity) + 1);
    const affinities = affinitiesOf(await neighboursOf(shown, { k, onProgress }, products), perplexity);
    const afterStep = async (numDone: number) => {
      if (numDone % STEPS_A_TURN !== 0) return;
      onProgress?.(NEIGHBOUR_SHARE + (1 - NEIGHBOUR_SHARE) * (numDone / numIterations));
      await breath();
    };
    const start = startFrom(N, await reducedRows(rowBlocks(shown.data, shown.numColumns), 2, products));
    const { coordinates, divergence } = await fitTsne(affinities, start, { numIterations, afterStep });
    return {
      coordinates,
      parameters: { numComponents: shown.numColumns, perplexity, numIterations, start: "principal components", divergence },
    };
  },

  umap: async (rows, { numComponents, numNeighbours, minDistance, numEpochs, numThreads, onProgress }, products) => {
    const shown = await reducedRows(rows, numComponents, products);
    const N = shown.data.length / shown.numColumns;
    const epochs = numEpochs ?? (N < EPOCHS.manyFrom ? EPOCHS.few : EPOCHS.many);
    return withScran(numThreads, async (scran) => {
      const found = await neighboursOf(shown, { k: numNeighbours, onProgress }, products);
      const counts = new Int32Array(N).fill(numNeighbours);
      const neighbours = scran.FindNearestNeighborsResults.unserialize(counts, found.indices, found.distances);
      const options = { neighbors: numNeighbours, epochs, minDist: minDistance, numberOfThreads: numThreads };
      const status = scran.initializeUmap(neighbours, options);
      while (status.currentEpoch() < status.totalEpochs()) {
        status.run({ runTime: TURN_MS });
        onProgress?.(NEIGHBOUR_SHARE + (1 - NEIGHBOUR_SHARE) * (status.currentEpoch() / status.totalEpochs()));
        await breath();
      }
      const coordinates = interleaved(status.extractCoordinates());
      return { coordinates, parameters: { numComponents: shown.numColumns, numNeighbours, minDistance, numEpochs: epochs } };
    });
  },
};

/** Roughly what finding neighbours takes of the whole. */
const NEIGHBOUR_SHARE = 0.2;
const TURN_MS = 200;
const STEPS_A_TURN = 20;

/** Lets timers and signals have their turn. */
const breath = () => new Promise<void>((resolve) => setImmediate(resolve));

/** In memory, along so many components. */
async function reducedRows(rows: RowBlocks, numComponents: number | null, products: MatrixProducts): Promise<FloatRows> {
  if (numComponents === null || numComponents >= rows.numColumns)
    return { numColumns: rows.numColumns, data: await gatheredRows(rows) };
  const pca = await fitLargePca(rows, numComponents, products);
  return { numColumns: pca.components.numRows, data: await applyLargePca(pca, rows, products) };
}

type Scran = typeof import("scran.js");

/** scran.js is read when it is needed; it keeps one heap a process, and threads that must be ended. */
async function withScran<T>(numThreads: number, action: (scran: Scran) => Promise<T>): Promise<T> {
  const scran = await import("scran.js");
  await scran.initialize({ numberOfThreads: numThreads });
  try {
    return await action(scran);
  } finally {
    scran.terminate();
  }
}

/** Exact Euclidean neighbours; the search of scran.js goes through a tree, which is slow for many columns. */
async function neighboursOf(
  rows: FloatRows,
  { k, onProgress }: { readonly k: number; readonly onProgress?: ((share: number) => void) | undefined },
  products: MatrixProducts,
): Promise<Neighbours> {
  const N = rows.data.length / rows.numColumns;
  let done = 0;
  const options = {
    k,
    metric: "euclidean",
    self: "skip",
    onProgress: (count: number) => {
      done += count;
      onProgress?.((NEIGHBOUR_SHARE * done) / N);
    },
  } as const;
  return nearestNeighbours(rowBlocks(rows.data, rows.numColumns), rows, options, products);
}

function interleaved({ x, y }: { readonly x: Float64Array; readonly y: Float64Array }): Float64Array {
  const out = new Float64Array(2 * x.length);
  for (let row = 0; row < x.length; row++) {
    out[2 * row] = x[row]!;
    out[2 * row + 1] = y[row]!;
  }
  return out;
}

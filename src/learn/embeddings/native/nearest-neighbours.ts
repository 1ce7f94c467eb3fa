// Exact nearest neighbours: scores by float32 products, block by block; what rounding leaves open is settled in float64.
import { type FloatRows, METRICS, type Metric } from "../metric.ts";
import { NearestCandidates } from "../nearest-candidates.ts";
import { type RowBlocks, rowsPerBlock } from "../row-blocks.ts";
import type { MatrixProducts } from "./matrix-products.ts";

export interface NeighbourOptions {
  readonly k: number;
  readonly metric: Metric;
  /** `skip`: query i is row i of the database, and is not its own neighbour. */
  readonly self: "skip" | "keep";
  /** Told after every block how many more queries, or rows of the database, are done. */
  readonly onProgress?: (count: number) => void;
}

/** [Q, k], the nearest first; of equally near rows the earlier. `distances` are Euclidean, or 1 - cosine. */
export interface Neighbours {
  readonly k: number;
  readonly indices: Int32Array;
  readonly distances: Float64Array;
}

/** Queries that are compared at once. */
const QUERY_BLOCK = 1024;

/**
 * The k nearest rows of the database [N, D] for each query [Q, D], exactly: as if all distances were taken in float64. The database
 * may be larger than memory. Throws RangeError for k below 1 or above the rows there are, and for rows of another length.
 */
export async function nearestNeighbours(
  database: RowBlocks,
  queries: FloatRows,
  options: NeighbourOptions,
  products: MatrixProducts,
): Promise<Neighbours> {
  const { k, self, onProgress = () => {} } = options;
  const { numRows: N, numColumns: D } = database;
  const Q = queries.data.length / D;
  const numOthers = self === "skip" ? N - 1 : N;
  if (queries.numColumns !== D) throw new RangeError(`neighbours: expected queries of ${D} numbers, got ${queries.numColumns}.`);
  if (!(Number.isInteger(k) && k >= 1 && k <= numOthers))
    throw new RangeError(`neighbours: expected k from 1 to ${numOthers}, the rows there are to find, got ${k}.`);
  const indices = new Int32Array(Q * k);
  const distances = new Float64Array(Q * k);
  for (let start = 0; start < Q; start += QUERY_BLOCK) {
    const count = Math.min(QUERY_BLOCK, Q - start);
    const block = { numRows: count, numColumns: D, data: queries.data.subarray(start * D, (start + count) * D) };
    const found = await neighboursOfBlock(database, block, start, options, products);
    indices.set(found.indices, start * k);
    distances.set(found.distances, start * k);
    onProgress(count);
  }
  return { k, indices, distances };
}

interface QueryBlock {
  readonly numRows: number;
  readonly numColumns: number;
  readonly data: Float32Array;
}

async function neighboursOfBlock(
  database: RowBlocks,
  queries: QueryBlock,
  firstQuery: number,
  { k, metric, self }: NeighbourOptions,
  products: MatrixProducts,
): Promise<Neighbours> {
  const { prepare, score, distance } = METRICS[metric];
  const { numRows: Q, numColumns: D } = queries;
  const prepared = prepare(queries.data, D);
  // Of the rounding of a product's D terms, four times what is usual: they round both ways.
  const slackPerLength = 4 * Math.sqrt(D) * 2 ** -24;
  const found: FoundRows[] = Array.from({ length: Q }, () => ({ places: [], distances: [] }));
  const size = rowsPerBlock(database);
  for (let start = 0; start < database.numRows; start += size) {
    const count = Math.min(size, database.numRows - start);
    const rows = await database.read(start, count);
    const block = prepare(rows, D);
    const scores = (await products.timesTransposed({ ...queries, data: prepared.data }, { numRows: count, numColumns: D, data: block.data }))
      .data;
    const longest = block.lengths.reduce((a, b) => Math.max(a, b), 0);
    for (let query = 0; query < Q; query++) {
      const slack = slackPerLength * longest * (prepared.lengths[query]! + longest);
      const candidates = new NearestCandidates(Math.min(k, count), slack);
      const skipped = self === "skip" ? firstQuery + query - start : -1;
      takeScores(candidates, scores.subarray(query * count, (query + 1) * count), block.lengths, { score, skipped });
      const exact = candidates.candidates().map((place) => ({
        place: start + place,
        distance: distance(queries.data, query * D, rows, place * D, D),
      }));
      keepNearest(found[query]!, exact, k);
    }
  }
  return {
    k,
    indices: Int32Array.from(found.flatMap(({ places }) => places)),
    distances: Float64Array.from(found.flatMap(({ distances }) => distances)),
  };
}

interface FoundRows {
  places: readonly number[];
  distances: readonly number[];
}

function takeScores(
  candidates: NearestCandidates,
  products: Float32Array,
  lengths: Float64Array,
  { score, skipped }: { readonly score: (product: number, length: number) => number; readonly skipped: number },
): void {
  let { limit } = candidates;
  for (let place = 0; place < products.length; place++) {
    const value = score(products[place]!, lengths[place]!);
    if (value > limit || place === skipped) continue;
    candidates.add(place, value);
    limit = candidates.limit;
  }
}

/** The k nearest of those found before and those of a further block. */
function keepNearest(found: FoundRows, more: readonly { readonly place: number; readonly distance: number }[], k: number): void {
  const all = [...found.places.map((place, index) => ({ place, distance: found.distances[index]! })), ...more];
  all.sort((a, b) => a.distance - b.distance || a.place - b.place);
  found.places = all.slice(0, k).map(({ place }) => place);
  found.distances = all.slice(0, k).map(({ distance }) => distance);
}

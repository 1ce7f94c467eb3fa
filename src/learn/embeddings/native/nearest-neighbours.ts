// Exact nearest neighbours: scores by float32 products, block by block; what rounding leaves open is settled in float64.
import { type FloatRows, METRICS, type Metric, type PreparedRows } from "../metric.ts";
import { NearestCandidates } from "../nearest-candidates.ts";
import { blocksOf, type RowBlocks, rowBlocks, rowsPerBlock } from "../row-blocks.ts";
import { compareAllPairs, roundingSlack } from "./all-pairs.ts";
import type { MatrixProducts } from "./matrix-products.ts";

export interface NeighbourOptions {
  readonly k: number;
  readonly metric: Metric;
  /** `skip`: query i is row i of the database, and is not its own neighbour. Of all rows each pair is then compared once. */
  readonly self: "skip" | "keep";
  /** Told after every block how many more rows of the database are done. */
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
 * may be larger than memory: it is read once, and then the blocks once more that hold a candidate. Throws RangeError for k below 1 or
 * above the rows there are, for rows of another length, and for numbers that are not finite.
 */
export async function nearestNeighbours(
  database: RowBlocks,
  queries: FloatRows,
  options: NeighbourOptions,
  products: MatrixProducts,
): Promise<Neighbours> {
  const { k, metric, self, onProgress = () => {} } = options;
  const { numRows: N, numColumns: D } = database;
  const numOthers = self === "skip" ? N - 1 : N;
  if (queries.numColumns !== D) throw new RangeError(`neighbours: expected queries of ${D} numbers, got ${queries.numColumns}.`);
  if (!(Number.isInteger(k) && k >= 1 && k <= numOthers))
    throw new RangeError(`neighbours: expected k from 1 to ${numOthers}, the rows there are to find, got ${k}.`);
  const prepared = METRICS[metric].prepare(queries.data, D);
  checkFinite(prepared.lengths, "query", 0);
  const numQueries = prepared.lengths.length;
  const candidates = new NearestCandidates(numQueries, k);
  if (self === "skip" && numQueries === N) {
    await compareAllPairs(prepared, { D, metric, candidates, onProgress }, products);
    return settled(rowBlocks(queries.data, D), queries, { k, metric, candidates, numQueries });
  }
  const scores = new Float32Array(Math.min(QUERY_BLOCK, numQueries) * Math.min(N, rowsPerBlock(database)));
  for await (const { start, count, data } of blocksOf(database)) {
    const rows = METRICS[metric].prepare(data, D);
    checkFinite(rows.lengths, "row", start);
    for (let first = 0; first < numQueries; first += QUERY_BLOCK) {
      await compareBlock({ start, count, ...rows }, { prepared, first, D, scores, candidates }, options, products);
    }
    onProgress(count);
  }
  return settled(database, queries, { k, metric, candidates, numQueries });
}

function checkFinite(lengths: Float64Array, what: string, start: number): void {
  const place = lengths.findIndex((length) => !Number.isFinite(length));
  if (place < 0) return;
  throw new RangeError(`neighbours: ${what} ${start + place}: expected finite numbers, got NaN or infinity. Leave it out.`);
}

interface DatabaseBlock extends PreparedRows {
  readonly start: number;
  readonly count: number;
}

interface Comparison {
  readonly prepared: PreparedRows;
  /** The first of the queries that are compared at once. */
  readonly first: number;
  readonly D: number;
  /** Memory for the products of a block. */
  readonly scores: Float32Array;
  readonly candidates: NearestCandidates;
}

/** Compares a block of the database with the queries from `first` on, as many as are compared at once. */
async function compareBlock(
  { start, count, data, lengths }: DatabaseBlock,
  { prepared, first, D, scores, candidates }: Comparison,
  { metric, self }: NeighbourOptions,
  products: MatrixProducts,
): Promise<void> {
  const Q = Math.min(QUERY_BLOCK, prepared.lengths.length - first);
  const asked = { numRows: Q, numColumns: D, data: prepared.data.subarray(first * D, (first + Q) * D) };
  const inner = await products.timesTransposed(asked, { numRows: count, numColumns: D, data }, scores.subarray(0, Q * count));
  const offsets = lengths.map(METRICS[metric].offset);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  for (let query = first; query < first + Q; query++) {
    candidates.expectSlack(query, roundingSlack(D, prepared.lengths[query]!, longest));
    const row = inner.data.subarray((query - first) * count, (query - first + 1) * count);
    candidates.takeRow(query, { offsets, products: row }, { start, skipped: self === "skip" ? query : -1 });
  }
}

/** The candidates' true distances, block by block of those that hold one, and the k nearest by them; of equally near rows the earlier. */
async function settled(
  database: RowBlocks,
  queries: FloatRows,
  found: {
    readonly k: number;
    readonly metric: Metric;
    readonly candidates: NearestCandidates;
    readonly numQueries: number;
  },
): Promise<Neighbours> {
  const { k, metric, candidates, numQueries } = found;
  const D = queries.numColumns;
  const places = Array.from({ length: numQueries }, (_, query) => candidates.candidates(query).toSorted());
  const distances = places.map(({ length }) => new Float64Array(length));
  const done = new Int32Array(numQueries);
  const size = rowsPerBlock(database);
  for (let start = 0; start < database.numRows; start += size) {
    const end = Math.min(start + size, database.numRows);
    const isNeeded = places.some((rows, query) => done[query]! < rows.length && rows[done[query]!]! < end);
    if (!isNeeded) continue;
    const data = await database.read(start, end - start);
    for (const [query, rows] of places.entries()) {
      for (; done[query]! < rows.length && rows[done[query]!]! < end; done[query]!++) {
        const row = rows[done[query]!]!;
        distances[query]![done[query]!] = METRICS[metric].distance(queries.data, query * D, data, (row - start) * D, D);
      }
    }
  }
  const indices = new Int32Array(numQueries * k);
  const nearest = new Float64Array(numQueries * k);
  for (const [query, rows] of places.entries()) {
    const far = distances[query]!;
    const order = Int32Array.from(rows.keys()).sort((a, b) => far[a]! - far[b]! || rows[a]! - rows[b]!);
    for (let rank = 0; rank < k; rank++) {
      indices[query * k + rank] = rows[order[rank]!]!;
      nearest[query * k + rank] = far[order[rank]!]!;
    }
  }
  return { k, indices, distances: nearest };
}

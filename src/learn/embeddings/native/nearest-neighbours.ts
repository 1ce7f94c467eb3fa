// Exact nearest neighbours: scores by float32 products, block by block; what rounding leaves open is settled in float64.
import { type FloatRows, METRICS, type Metric, type PreparedRows } from "../metric.ts";
import { NearestCandidates } from "../nearest-candidates.ts";
import { blocksOf, type RowBlocks } from "../row-blocks.ts";
import type { MatrixProducts } from "./matrix-products.ts";

export interface NeighbourOptions {
  readonly k: number;
  readonly metric: Metric;
  /** `skip`: query i is row i of the database, and is not its own neighbour. */
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
/** Rounding of a float32 product for every root of its terms, four times what is usual: they round both ways. */
const ROUNDING = 4 * 2 ** -24;

/**
 * The k nearest rows of the database [N, D] for each query [Q, D], exactly: as if all distances were taken in float64. The database
 * is read once and may be larger than memory. Throws RangeError for k below 1 or above the rows there are, for rows of another
 * length, and for numbers that are not finite.
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
  const found: FoundRows[] = Array.from({ length: prepared.lengths.length }, () => ({ places: [], distances: [] }));
  for await (const { start, count, data } of blocksOf(database)) {
    const rows = METRICS[metric].prepare(data, D);
    checkFinite(rows.lengths, "row", start);
    const block: DatabaseBlock = { start, count, raw: data, ...rows };
    for (let first = 0; first < found.length; first += QUERY_BLOCK) {
      await searchBlock(block, { queries, prepared, first, found }, options, products);
    }
    onProgress(count);
  }
  return {
    k,
    indices: Int32Array.from(found.flatMap(({ places }) => places)),
    distances: Float64Array.from(found.flatMap(({ distances }) => distances)),
  };
}

function checkFinite(lengths: Float64Array, what: string, start: number): void {
  const place = lengths.findIndex((length) => !Number.isFinite(length));
  if (place < 0) return;
  throw new RangeError(`neighbours: ${what} ${start + place}: expected finite numbers, got NaN or infinity. Leave it out.`);
}

interface DatabaseBlock extends PreparedRows {
  readonly start: number;
  readonly count: number;
  /** The rows as they came. */
  readonly raw: Float32Array;
}

/** The k nearest rows of one query so far. */
interface FoundRows {
  places: readonly number[];
  distances: readonly number[];
}

interface Search {
  readonly queries: FloatRows;
  readonly prepared: PreparedRows;
  readonly first: number;
  readonly found: readonly FoundRows[];
}

/** Compares a block of the database with the queries from `first` on, as many as are compared at once. */
async function searchBlock(
  block: DatabaseBlock,
  { queries, prepared, first, found }: Search,
  { k, metric, self }: NeighbourOptions,
  products: MatrixProducts,
): Promise<void> {
  const { score, scoreAt, distance } = METRICS[metric];
  const { start, count, raw, data, lengths } = block;
  const D = queries.numColumns;
  const Q = Math.min(QUERY_BLOCK, found.length - first);
  const asked = { numRows: Q, numColumns: D, data: prepared.data.subarray(first * D, (first + Q) * D) };
  const scores = (await products.timesTransposed(asked, { numRows: count, numColumns: D, data })).data;
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  for (let query = first; query < first + Q; query++) {
    const nearest = found[query]!;
    const length = prepared.lengths[query]!;
    const slack = ROUNDING * Math.sqrt(D) * longest * (length + longest);
    const ceiling = nearest.places.length < k ? undefined : scoreAt(nearest.distances[k - 1]!, length);
    const candidates = new NearestCandidates(Math.min(k, count), slack, ceiling);
    const skipped = self === "skip" ? query - start : -1;
    takeScores(candidates, scores.subarray((query - first) * count, (query - first + 1) * count), lengths, { score, skipped });
    const exact = candidates.candidates().map((place) => ({
      place: start + place,
      distance: distance(queries.data, query * D, raw, place * D, D),
    }));
    keepNearest(nearest, exact, k);
  }
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

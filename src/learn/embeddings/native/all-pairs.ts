// Every pair of rows compared once: the product of a query with a row is that of the row with the query.
import { METRICS, type Metric, type PreparedRows } from "../metric.ts";
import type { NearestCandidates } from "../nearest-candidates.ts";
import type { MatrixProducts } from "./matrix-products.ts";

/** Rows of a block: products of two blocks stay in the cache that all cores share. */
const BLOCK_ROWS = 1024;
/** Rounding of a float32 product for every root of its terms, four times what is usual: they round both ways. */
const ROUNDING = 4 * 2 ** -24;

/** How wrong the score of a query of this length with a row of at most that length may be. */
export function roundingSlack(D: number, queryLength: number, longest: number): number {
  return ROUNDING * Math.sqrt(D) * longest * (queryLength + longest);
}

export interface AllPairs {
  readonly D: number;
  readonly metric: Metric;
  readonly candidates: NearestCandidates;
  /** Told how many more rows have met all others. */
  readonly onProgress: (count: number) => void;
}

/** Gives the candidates of every row all other rows: half the products that queries and database apart would take. */
export async function compareAllPairs(
  { data, lengths }: PreparedRows,
  { D, metric, candidates, onProgress }: AllPairs,
  products: MatrixProducts,
): Promise<void> {
  const N = lengths.length;
  const offsets = lengths.map(METRICS[metric].offset);
  const longest = lengths.reduce((a, b) => Math.max(a, b), 0);
  for (let row = 0; row < N; row++) candidates.expectSlack(row, roundingSlack(D, lengths[row]!, longest));
  const blockAt = (start: number) => {
    const numRows = Math.min(BLOCK_ROWS, N - start);
    return { numRows, numColumns: D, data: data.subarray(start * D, (start + numRows) * D) };
  };
  const memory = new Float32Array(BLOCK_ROWS * BLOCK_ROWS);
  for (let first = 0; first < N; first += BLOCK_ROWS) {
    const queries = blockAt(first);
    for (let start = first; start < N; start += BLOCK_ROWS) {
      const rows = blockAt(start);
      const out = memory.subarray(0, queries.numRows * rows.numRows);
      const inner = (await products.timesTransposed(queries, rows, out)).data;
      const ofRows = offsets.subarray(start, start + rows.numRows);
      for (let place = 0; place < queries.numRows; place++) {
        const query = first + place;
        const ofQuery = inner.subarray(place * rows.numRows, (place + 1) * rows.numRows);
        candidates.takeRow(query, { offsets: ofRows, products: ofQuery }, { start, skipped: query });
        // Two rows of one block meet in both orders already.
        if (start > first) candidates.takeColumn(query, { offset: offsets[query]!, products: ofQuery }, start);
      }
    }
    onProgress(queries.numRows);
  }
}

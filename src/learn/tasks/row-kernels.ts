// Inner loops over rows of features, four rows at a time: their loads from memory overlap, and sums stay in registers. Places are
// 32-bit integers (a table of 2^31 numbers would be 16 GB): as products that may be larger they cost a fifth more.
import type { Matrix } from "#learn/embeddings";

/** out[place] = row rows[place] of x [N, K] times the weights from `at` on, for each place. */
export function rowProductsInPlace(out: Float64Array, x: Matrix, rows: Uint32Array, weights: Float64Array, at: number): void {
  checkIndices(x);
  const { numColumns: K, data } = x;
  let place = 0;
  for (; place + 3 < rows.length; place += 4) {
    const p = Math.imul(rows[place]!, K);
    const q = Math.imul(rows[place + 1]!, K);
    const r = Math.imul(rows[place + 2]!, K);
    const s = Math.imul(rows[place + 3]!, K);
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let k = 0; k < K; k++) {
      const weight = weights[at + k]!;
      a += data[p + k]! * weight;
      b += data[q + k]! * weight;
      c += data[r + k]! * weight;
      d += data[s + k]! * weight;
    }
    out[place] = a;
    out[place + 1] = b;
    out[place + 2] = c;
    out[place + 3] = d;
  }
  for (; place < rows.length; place++) {
    const start = Math.imul(rows[place]!, K);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += data[start + k]! * weights[at + k]!;
    out[place] = sum;
  }
}

/** Adds factors[place] times row rows[place] of x [N, K], over all places, to the K numbers of target from `at` on. */
export function addRowsInPlace(target: Float64Array, at: number, x: Matrix, rows: Uint32Array, factors: Float64Array): void {
  checkIndices(x);
  const { numColumns: K, data } = x;
  let place = 0;
  for (; place + 3 < rows.length; place += 4) {
    const p = Math.imul(rows[place]!, K);
    const q = Math.imul(rows[place + 1]!, K);
    const r = Math.imul(rows[place + 2]!, K);
    const s = Math.imul(rows[place + 3]!, K);
    const a = factors[place]!;
    const b = factors[place + 1]!;
    const c = factors[place + 2]!;
    const d = factors[place + 3]!;
    for (let k = 0; k < K; k++) {
      target[at + k]! += a * data[p + k]! + b * data[q + k]! + (c * data[r + k]! + d * data[s + k]!);
    }
  }
  for (; place < rows.length; place++) {
    const start = Math.imul(rows[place]!, K);
    for (let k = 0; k < K; k++) target[at + k]! += factors[place]! * data[start + k]!;
  }
}

/** Places are counted in 32 bits here. Throws RangeError for more numbers than that. */
function checkIndices({ numRows, numColumns }: Matrix): void {
  if (numRows * numColumns < 2 ** 31) return;
  throw new RangeError(
    `linear probe: expected fewer than ${2 ** 31} numbers, got ${numRows} rows of ${numColumns}. Use fewer components (--pca) or crops.`,
  );
}

/** 0, 1, ..., length - 1: every row in turn. */
export function everyRow(length: number): Uint32Array {
  const rows = new Uint32Array(length);
  for (let row = 0; row < length; row++) rows[row] = row;
  return rows;
}

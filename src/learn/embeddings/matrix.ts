// Dense float64 matrices: the few products that fitting needs.

/** Row-major: the number in row r and column c is `data[r * numColumns + c]`. */
export interface Matrix {
  readonly numRows: number;
  readonly numColumns: number;
  readonly data: Float64Array;
}

/** A matrix over `data`. Throws RangeError where its length is not numRows x numColumns. */
export function matrixOf(numRows: number, numColumns: number, data: Float64Array): Matrix {
  if (data.length !== numRows * numColumns) {
    throw new RangeError(`matrix: expected ${numRows * numColumns} numbers for ${numRows} x ${numColumns}, got ${data.length}.`);
  }
  return { numRows, numColumns, data };
}

/** The given rows of a [N, numColumns] array. */
export function selectRows(data: ArrayLike<number>, numColumns: number, rows: ArrayLike<number>): Matrix {
  const selected = new Float64Array(rows.length * numColumns);
  for (let row = 0; row < rows.length; row++) {
    const start = rows[row]! * numColumns;
    for (let column = 0; column < numColumns; column++) selected[row * numColumns + column] = data[start + column]!;
  }
  return { numRows: rows.length, numColumns, data: selected };
}

/** Mean of every column. */
export function columnMeans({ numRows, numColumns, data }: Matrix): Float64Array {
  const means = new Float64Array(numColumns);
  for (let row = 0, index = 0; row < numRows; row++)
    for (let column = 0; column < numColumns; column++) means[column]! += data[index++]!;
  return means.map((sum) => sum / numRows);
}

/** A copy with `offsets` taken off every row. */
export function subtractRow({ numRows, numColumns, data }: Matrix, offsets: ArrayLike<number>): Matrix {
  const out = new Float64Array(data.length);
  for (let row = 0, index = 0; row < numRows; row++) {
    for (let column = 0; column < numColumns; column++, index++) out[index] = data[index]! - offsets[column]!;
  }
  return { numRows, numColumns, data: out };
}

/** x transposed. */
export function transposed({ numRows, numColumns, data }: Matrix): Matrix {
  const out = new Float64Array(data.length);
  for (let row = 0; row < numRows; row++) {
    for (let column = 0; column < numColumns; column++) out[column * numRows + row] = data[row * numColumns + column]!;
  }
  return { numRows: numColumns, numColumns: numRows, data: out };
}

/** x xᵀ, [numRows, numRows]. */
export function gramOfRows(x: Matrix): Matrix {
  const { numRows, numColumns, data } = x;
  const out = new Float64Array(numRows * numRows);
  // Few columns at a time: those of all rows then stay in the processor's cache while every pair of rows is met.
  for (let start = 0; start < numColumns; start += GRAM_COLUMNS) {
    const length = Math.min(GRAM_COLUMNS, numColumns - start);
    let a = 0;
    for (; a + 1 < numRows; a += 2) {
      for (let b = 0; b <= a; b += 2) addSquareOfFour(out, x, { a, b, start, length });
    }
    if (a < numRows) {
      for (let b = 0; b <= a; b++)
        out[a * numRows + b]! += dot(data, a * numColumns + start, data, b * numColumns + start, length);
    }
  }
  for (let a = 0; a < numRows; a++) for (let b = 0; b < a; b++) out[b * numRows + a] = out[a * numRows + b]!;
  return { numRows, numColumns: numRows, data: out };
}

/** Adds the products of rows a and a + 1 with rows b and b + 1 over some columns: four products for four numbers that are read. */
function addSquareOfFour(
  out: Float64Array,
  { numRows, numColumns, data }: Matrix,
  { a, b, start, length }: Readonly<Record<"a" | "b" | "start" | "length", number>>,
): void {
  let [aa, ab, ba, bb] = [0, 0, 0, 0];
  let upperA = a * numColumns + start;
  let upperB = b * numColumns + start;
  for (const end = upperA + length; upperA < end; upperA++, upperB++) {
    const first = data[upperA]!;
    const second = data[upperA + numColumns]!;
    const third = data[upperB]!;
    const fourth = data[upperB + numColumns]!;
    aa += first * third;
    ab += first * fourth;
    ba += second * third;
    bb += second * fourth;
  }
  out[a * numRows + b]! += aa;
  out[a * numRows + b + 1]! += ab;
  out[(a + 1) * numRows + b]! += ba;
  out[(a + 1) * numRows + b + 1]! += bb;
}

/** A thousand rows of so many numbers are 2 MB. */
const GRAM_COLUMNS = 256;

/** xᵀ x, [numColumns, numColumns]. */
export function gramOfColumns(x: Matrix): Matrix {
  return gramOfRows(transposed(x));
}

/** a bᵀ: [a.numRows, b.numRows]; both have the same number of columns. */
export function timesTransposed(a: Matrix, b: Matrix): Matrix {
  if (a.numColumns !== b.numColumns) throw new RangeError(`matrix: expected ${a.numColumns} columns, got ${b.numColumns}.`);
  const out = new Float64Array(a.numRows * b.numRows);
  for (let row = 0; row < a.numRows; row++) {
    for (let column = 0; column < b.numRows; column++) {
      out[row * b.numRows + column] = dot(a.data, row * a.numColumns, b.data, column * b.numColumns, a.numColumns);
    }
  }
  return { numRows: a.numRows, numColumns: b.numRows, data: out };
}

/** Four sums at once: one would wait for itself. */
function dot(a: Float64Array, startA: number, b: Float64Array, startB: number, length: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let index = 0;
  for (; index + 4 <= length; index += 4) {
    const i = startA + index;
    const j = startB + index;
    sum0 += a[i]! * b[j]!;
    sum1 += a[i + 1]! * b[j + 1]!;
    sum2 += a[i + 2]! * b[j + 2]!;
    sum3 += a[i + 3]! * b[j + 3]!;
  }
  for (; index < length; index++) sum0 += a[startA + index]! * b[startB + index]!;
  return sum0 + sum1 + sum2 + sum3;
}

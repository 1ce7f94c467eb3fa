// How near two embeddings are: by the angle between them, or by the straight line.

export const METRIC_NAMES = ["cosine", "euclidean"] as const;
export type Metric = (typeof METRIC_NAMES)[number];

/** Rows [N, numColumns] in float32. */
export interface FloatRows {
  readonly numColumns: number;
  readonly data: Float32Array;
}

/** Rows made ready for products, and their lengths as `score` takes them. */
export interface PreparedRows {
  readonly data: Float32Array;
  /** [N] */
  readonly lengths: Float64Array;
}

interface MetricParts {
  prepare(rows: Float32Array, numColumns: number): PreparedRows;
  /** What a prepared row of this length adds to a query's score, which is it less their product: smaller is nearer. */
  offset(length: number): number;
  /** The distance itself in float64, of the row of `a` that starts at one place and that of `b` at another. */
  distance(a: Float32Array, startA: number, b: Float32Array, startB: number, numColumns: number): number;
}

export const METRICS: Readonly<Record<Metric, MetricParts>> = {
  euclidean: {
    prepare: (rows, numColumns) => ({ data: rows, lengths: lengthsOf(rows, numColumns) }),
    // |q - x|^2 / 2 less |q|^2 / 2
    offset: (length) => 0.5 * length * length,
    distance: euclideanDistance,
  },
  cosine: {
    prepare: withUnitLengths,
    offset: () => 0,
    distance: cosineDistance,
  },
};

function lengthsOf(rows: Float32Array, numColumns: number): Float64Array {
  const lengths = new Float64Array(rows.length / numColumns);
  for (let row = 0, index = 0; row < lengths.length; row++) {
    let sum = 0;
    for (let column = 0; column < numColumns; column++, index++) sum += rows[index]! * rows[index]!;
    lengths[row] = Math.sqrt(sum);
  }
  return lengths;
}

/** A row of zeros stays: it is at right angles to everything. */
function withUnitLengths(rows: Float32Array, numColumns: number): PreparedRows {
  const lengths = lengthsOf(rows, numColumns);
  const data = new Float32Array(rows.length);
  for (let row = 0, index = 0; row < lengths.length; row++) {
    const scale = 1 / (lengths[row]! || 1);
    for (let column = 0; column < numColumns; column++, index++) data[index] = rows[index]! * scale;
  }
  // A length that is not finite stays, for the caller to see.
  return { data, lengths: lengths.map((length) => (Number.isFinite(length) ? Number(length > 0) : length)) };
}

/** Square root of the summed squares of differences. */
export function euclideanDistance(a: Float32Array, startA: number, b: Float32Array, startB: number, numColumns: number): number {
  let sum = 0;
  for (let column = 0; column < numColumns; column++) sum += (a[startA + column]! - b[startB + column]!) ** 2;
  return Math.sqrt(sum);
}

/** 1 - cosine; 1 where a row has no length. */
export function cosineDistance(a: Float32Array, startA: number, b: Float32Array, startB: number, numColumns: number): number {
  let product = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (let column = 0; column < numColumns; column++) {
    const x = a[startA + column]!;
    const y = b[startB + column]!;
    product += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  const lengths = Math.sqrt(squaresOfA * squaresOfB);
  // Rounding must not bring a row nearer than itself.
  return lengths > 0 ? Math.max(0, 1 - product / lengths) : 1;
}

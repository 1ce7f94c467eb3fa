// What t-SNE keeps of rows of many numbers: how near each row is to its neighbours (van der Maaten & Hinton 2008, section 2).

/** The neighbours of N rows: [N, k] places and Euclidean distances. */
export interface NeighbourLists {
  readonly k: number;
  readonly indices: Int32Array;
  readonly distances: Float64Array;
}

/** Affinities of pairs of rows, each pair once: those of row i with later rows lie from `starts[i]` to `starts[i + 1]`. They add up to 1/2. */
export interface Affinities {
  /** [N + 1] */
  readonly starts: Int32Array;
  /** The later row of each pair. */
  readonly others: Int32Array;
  readonly values: Float64Array;
}

/** How near a row's number of neighbours must come to the perplexity, as a difference of entropies. */
const TOLERANCE = 1e-5;
const MAX_BISECTIONS = 100;

/**
 * Joint probabilities (p(j|i) + p(i|j)) / 2N of Gaussians about each row, as wide as makes the entropy of its neighbours the logarithm of
 * `perplexity`. Every row has k neighbours, three times the perplexity by custom.
 */
export function affinitiesOf(neighbours: NeighbourLists, perplexity: number): Affinities {
  const { k, indices, distances } = neighbours;
  const N = indices.length / k;
  const starts = pairStarts(neighbours, N);
  const others = new Int32Array(starts[N]!);
  const values = new Float64Array(starts[N]!);
  const ends = starts.slice(0, N);
  const probabilities = new Float64Array(k);
  for (let row = 0; row < N; row++) {
    conditionalInPlace(probabilities, distances.subarray(row * k, (row + 1) * k), perplexity);
    for (let place = 0; place < k; place++) {
      const other = indices[row * k + place]!;
      const at = ends[Math.min(row, other)]!++;
      others[at] = Math.max(row, other);
      values[at] = probabilities[place]! / (2 * N);
    }
  }
  return merged({ starts, others, values });
}

/** Where the pairs of each row with later rows begin, while a pair that are neighbours of each other still counts twice. */
function pairStarts({ k, indices }: NeighbourLists, N: number): Int32Array {
  const starts = new Int32Array(N + 1);
  for (let row = 0; row < N; row++)
    for (let place = row * k; place < (row + 1) * k; place++) starts[Math.min(row, indices[place]!) + 1]!++;
  for (let row = 0; row < N; row++) starts[row + 1]! += starts[row]!;
  return starts;
}

/** p(j|i) of one row's neighbours: proportional to exp(-beta distance²), with beta found by bisection. */
function conditionalInPlace(out: Float64Array, distances: Float64Array, perplexity: number): void {
  const nearest = distances.reduce((a, b) => Math.min(a, b));
  // Less the nearest: the same probabilities, and no exponential vanishes with all others.
  const squares = distances.map((distance) => distance ** 2 - nearest ** 2);
  const wanted = Math.log(perplexity);
  let [low, beta, high] = [0, 1, Number.POSITIVE_INFINITY];
  for (let step = 0; step < MAX_BISECTIONS; step++) {
    const entropy = gaussianInPlace(out, squares, beta);
    if (Math.abs(entropy - wanted) <= TOLERANCE) return;
    if (entropy > wanted) low = beta;
    else high = beta;
    beta = high === Number.POSITIVE_INFINITY ? 2 * beta : (low + high) / 2;
  }
}

/** Normalised exp(-beta square); returns its entropy. */
function gaussianInPlace(out: Float64Array, squares: Float64Array, beta: number): number {
  let sum = 0;
  let moment = 0;
  for (let place = 0; place < squares.length; place++) {
    const weight = Math.exp(-beta * squares[place]!);
    out[place] = weight;
    sum += weight;
    moment += weight * squares[place]!;
  }
  for (let place = 0; place < squares.length; place++) out[place]! /= sum;
  return Math.log(sum) + (beta * moment) / sum;
}

/** Every pair once, the values of both directions added. */
function merged({ starts, others, values }: Affinities): Affinities {
  const N = starts.length - 1;
  const mergedStarts = new Int32Array(N + 1);
  const places = new Int32Array(N).fill(-1);
  let end = 0;
  for (let row = 0; row < N; row++) {
    for (let at = starts[row]!; at < starts[row + 1]!; at++) {
      const [other, value] = [others[at]!, values[at]!];
      const place = places[other]!;
      if (place >= mergedStarts[row]!) values[place]! += value;
      else {
        places[other] = end;
        others[end] = other;
        values[end++] = value;
      }
    }
    mergedStarts[row + 1] = end;
  }
  return { starts: mergedStarts, others: others.slice(0, end), values: values.slice(0, end) };
}

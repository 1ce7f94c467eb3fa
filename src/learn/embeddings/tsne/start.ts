// Where t-SNE starts: from the rows' first two components, which keeps the large picture (Kobak & Berens 2019).
import { randomFor } from "#base/array";
import type { FloatRows } from "../metric.ts";

/** Deviation of the first coordinate: small, so that points are free to part. */
const DEVIATION = 1e-4;
/** A little noise, as a share of that, parts equal rows and takes rows along one line off it (as openTSNE does). */
const JITTER = 0.01;

/** Points [N, 2] from N rows' components [N, K], of which the first two are taken, where there are so many. */
export function startFrom(N: number, { numColumns: K, data }: FloatRows): Float64Array {
  let [sum, squares] = [0, 0];
  for (let row = 0; row < N; row++) {
    const value = data[row * K] ?? 0;
    sum += value;
    squares += value ** 2;
  }
  const deviation = Math.sqrt(Math.max(0, squares / N - (sum / N) ** 2));
  const scale = deviation > 0 ? DEVIATION / deviation : 0;
  const random = randomFor(0, "t-SNE start");
  const points = new Float64Array(2 * N);
  for (let index = 0; index < 2 * N; index++) {
    const column = index % 2;
    const value = column < K ? data[(index >> 1) * K + column]! : 0;
    points[index] = scale * value + JITTER * DEVIATION * random.normal();
  }
  return points;
}

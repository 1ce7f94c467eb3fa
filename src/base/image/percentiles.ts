// Exact percentiles of many values, interpolated as numpy does.
import { Float32Counts } from "./float32-counts.ts";

/** Fewer float32 values than this are sorted: the tables of the two passes have 65,536 places each, whatever there is to count. */
const FEW = 8192;

/**
 * The values at these percentiles (0 to 100), interpolated linearly as numpy.percentile does; NaN is left out, infinities count.
 * Many float32 values take two passes and no copy; other numbers are sorted.
 * Throws RangeError for a percentile outside [0, 100] and where nothing but NaN is given.
 */
export function percentiles(values: Float32Array | Float64Array | readonly number[], percents: readonly number[]): number[] {
  if (!(values instanceof Float32Array) || values.length < FEW) return sortedPercentiles(values, percents);
  const counts = new Float32Counts();
  counts.add(values);
  return countedPercentiles(values, counts, percents);
}

/** As `percentiles`, of values that `counts` has taken in already, each once: only the second pass is left. */
export function countedPercentiles(values: Float32Array, counts: Float32Counts, percents: readonly number[]): number[] {
  const { numNumbers, atRanks } = counts.ascending(values);
  const neighbours = neighboursOf(percents, numNumbers, values.length);
  const valueAt = atRanks(neighbours.flatMap(({ below, above }) => [below, above]));
  return neighbours.map((one) => interpolated(one, valueAt));
}

function sortedPercentiles(values: Float32Array | Float64Array | readonly number[], percents: readonly number[]): number[] {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return neighboursOf(percents, sorted.length, values.length).map((one) => interpolated(one, (rank) => sorted[rank]!));
}

/** The whole ranks beside a percentile, and how far it lies between them. */
interface Neighbours {
  readonly below: number;
  readonly above: number;
  readonly fraction: number;
}

/** numpy's linear rule: rank (n - 1) p / 100. */
function neighboursOf(percents: readonly number[], numNumbers: number, numGiven: number): readonly Neighbours[] {
  return percents.map((percent) => {
    if (!(percent >= 0 && percent <= 100))
      throw new RangeError(`percentiles: expected percentiles from 0 to 100, got ${percent}.`);
    if (numNumbers === 0) throw new RangeError(`percentiles: expected at least one number, got ${numGiven} values, all NaN.`);
    const position = (numNumbers - 1) * (percent / 100);
    const below = Math.min(Math.floor(position), numNumbers - 1);
    return { below, above: Math.min(below + 1, numNumbers - 1), fraction: position - below };
  });
}

/** Between its neighbours, in the form of numpy's _lerp, which keeps the ends exact. */
function interpolated({ below, above, fraction }: Neighbours, valueAt: (rank: number) => number): number {
  const [low, high] = [valueAt(below), valueAt(above)];
  if (fraction === 0 || low === high) return low;
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
}

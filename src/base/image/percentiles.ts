// Exact percentiles of many values without sorting them: selection over the bits of float32 numbers.

/**
 * The values at these percentiles (0 to 100), interpolated linearly as numpy.percentile does; NaN is left out, infinities count.
 * Float32 values take two passes and no copy; other numbers are sorted.
 * Throws RangeError for a percentile outside [0, 100] and where nothing but NaN is given.
 */
export function percentiles(values: Float32Array | Float64Array | readonly number[], percents: readonly number[]): number[] {
  for (const percent of percents) {
    if (!(percent >= 0 && percent <= 100))
      throw new RangeError(`percentiles: expected percentiles from 0 to 100, got ${percent}.`);
  }
  return values instanceof Float32Array ? float32Percentiles(values, percents) : sortedPercentiles(values, percents);
}

function sortedPercentiles(values: Float64Array | readonly number[], percents: readonly number[]): number[] {
  const sorted = Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort();
  return interpolate(percents, sorted.length, values.length, (rank) => sorted[rank]!);
}

/**
 * The value of one rank is found by its upper 16 bits (a histogram of all values), then by its lower 16 bits
 * (a histogram of the values that share those upper bits), so the answer is exact to the last bit.
 */
function float32Percentiles(values: Float32Array, percents: readonly number[]): number[] {
  const halves = new Uint16Array(values.buffer, values.byteOffset, 2 * values.length);
  const upperCounts = countUppers(halves);
  const infinities = countInfinities(halves, upperCounts);
  const order = ascendingBins(upperCounts, infinities);
  const numValues = order.ends.at(-1) ?? 0;

  const places = new Map<number, { readonly upper: number; readonly rankInBin: number }>();
  interpolate(percents, numValues, values.length, (rank) => {
    const bin = order.ends.findIndex((end) => rank < end);
    places.set(rank, { upper: order.uppers[bin]!, rankInBin: rank - (bin === 0 ? 0 : order.ends[bin - 1]!) });
    return 0;
  });
  const lowerCounts = countLowers(halves, new Set([...places.values()].map(({ upper }) => upper)));
  return interpolate(percents, numValues, values.length, (rank) => {
    const { upper, rankInBin } = places.get(rank)!;
    if (isInfinite(upper)) return upper === POSITIVE_INFINITY_UPPER ? Infinity : -Infinity;
    return floatOf(upper, lowerAt(lowerCounts.get(upper)!, rankInBin, isNegative(upper)));
  });
}

/** numpy's linear rule: rank (n - 1) p / 100, between its two whole neighbours; the form of its _lerp keeps the ends exact. */
function interpolate(
  percents: readonly number[],
  numValues: number,
  numGiven: number,
  valueAt: (rank: number) => number,
): number[] {
  if (numValues === 0) throw new RangeError(`percentiles: expected at least one number, got ${numGiven} values, all NaN.`);
  return percents.map((percent) => {
    const position = (numValues - 1) * (percent / 100);
    const rank = Math.min(Math.floor(position), numValues - 1);
    const fraction = position - rank;
    const below = valueAt(rank);
    const above = valueAt(Math.min(rank + 1, numValues - 1));
    if (fraction === 0 || below === above) return below;
    return fraction < 0.5 ? below + (above - below) * fraction : above - (above - below) * (1 - fraction);
  });
}

/** Upper halves of the two infinities; other values with these upper bits, and all values beyond them, are NaN. */
const POSITIVE_INFINITY_UPPER = 0x7f80;
const NEGATIVE_INFINITY_UPPER = 0xff80;
const NUM_BINS = 65536;

const isInfinite = (upper: number) => upper === POSITIVE_INFINITY_UPPER || upper === NEGATIVE_INFINITY_UPPER;
const isNegative = (upper: number) => upper >= 0x8000;

/** How many values have each upper half, NaN included. `halves` alternate lower and upper 16 bits (little-endian). */
function countUppers(halves: Uint16Array): Uint32Array {
  const counts = new Uint32Array(NUM_BINS);
  // Two tables break the chain of additions to one and the same bin, which noise around zero would make.
  const oddCounts = new Uint32Array(NUM_BINS);
  const evenEnd = halves.length - (halves.length % 4);
  for (let index = 1; index < evenEnd; index += 4) {
    counts[halves[index]!]!++;
    oddCounts[halves[index + 2]!]!++;
  }
  if (evenEnd < halves.length) counts[halves[evenEnd + 1]!]!++;
  for (let bin = 0; bin < NUM_BINS; bin++) counts[bin]! += oddCounts[bin]!;
  return counts;
}

/** How many values are minus and plus infinity: told from NaN by their lower half. */
function countInfinities(
  halves: Uint16Array,
  upperCounts: Uint32Array,
): { readonly negative: number; readonly positive: number } {
  const count = (upper: number) => {
    if (upperCounts[upper] === 0) return 0;
    let found = 0;
    for (let index = 0; index < halves.length; index += 2) if (halves[index + 1] === upper && halves[index] === 0) found++;
    return found;
  };
  return { negative: count(NEGATIVE_INFINITY_UPPER), positive: count(POSITIVE_INFINITY_UPPER) };
}

/** The bins that hold numbers, from the lowest values to the highest, and how many values lie in or below each. */
function ascendingBins(upperCounts: Uint32Array, infinities: { readonly negative: number; readonly positive: number }) {
  const uppers: number[] = [];
  const ends: number[] = [];
  const add = (upper: number, count: number) => {
    if (count === 0) return;
    uppers.push(upper);
    ends.push((ends.at(-1) ?? 0) + count);
  };
  add(NEGATIVE_INFINITY_UPPER, infinities.negative);
  // Among negative floats, larger bits are lower values.
  for (let upper = NEGATIVE_INFINITY_UPPER - 1; upper >= 0x8000; upper--) add(upper, upperCounts[upper]!);
  for (let upper = 0; upper < POSITIVE_INFINITY_UPPER; upper++) add(upper, upperCounts[upper]!);
  add(POSITIVE_INFINITY_UPPER, infinities.positive);
  return { uppers, ends };
}

/** For each wanted upper half, how many of its values have each lower half. */
function countLowers(halves: Uint16Array, wanted: ReadonlySet<number>): ReadonlyMap<number, Uint32Array> {
  const slotOf = new Int32Array(NUM_BINS).fill(-1);
  [...wanted].forEach((upper, slot) => {
    slotOf[upper] = slot * NUM_BINS;
  });
  const counts = new Uint32Array(wanted.size * NUM_BINS);
  for (let index = 0; index < halves.length; index += 2) {
    const slot = slotOf[halves[index + 1]!]!;
    if (slot >= 0) counts[slot + halves[index]!]!++;
  }
  return new Map([...wanted].map((upper, slot) => [upper, counts.subarray(slot * NUM_BINS, (slot + 1) * NUM_BINS)]));
}

/** The lower half of the value of this rank among those of one bin; negative values run from the largest bits down. */
function lowerAt(counts: Uint32Array, rank: number, negative: boolean): number {
  let passed = 0;
  for (let step = 0; step < NUM_BINS; step++) {
    const lower = negative ? NUM_BINS - 1 - step : step;
    passed += counts[lower]!;
    if (rank < passed) return lower;
  }
  throw new Error(`internal: percentiles: rank ${rank} beyond the ${passed} values of its bin.`);
}

function floatOf(upper: number, lower: number): number {
  return new Float32Array(Uint32Array.of(upper * NUM_BINS + lower).buffer)[0]!;
}

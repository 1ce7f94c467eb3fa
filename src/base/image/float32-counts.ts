// Selection over the bits of float32 numbers: the values of given ranks, without sorting.

/** Upper halves of the two infinities; other values with these upper bits, and all values beyond them, are NaN. */
const POSITIVE_INFINITY_UPPER = 0x7f80;
const NEGATIVE_INFINITY_UPPER = 0xff80;
const NUM_BINS = 65536;
const LOWER_BITS = NUM_BINS - 1;

/** Numbers in ascending order, as ranks (0 is the least) know them. */
export interface AscendingNumbers {
  /** NaN left out. */
  readonly numNumbers: number;
  /** Finds the numbers of these ranks, and gives each. */
  readonly atRanks: (ranks: readonly number[]) => (rank: number) => number;
}

/**
 * The bits of a float32, sign handled, are in the order of the numbers: a histogram of the upper 16 bits tells each rank's bin, one of
 * the lower 16 bits of the values in that bin its value, exact to the last bit. The first is counted piece by piece, as values come.
 */
export class Float32Counts {
  // Two tables break the chain of additions to one and the same bin, which noise around zero would make.
  readonly #uppers = new Uint32Array(NUM_BINS);
  readonly #others = new Uint32Array(NUM_BINS);

  /** Takes in values. */
  add(values: Float32Array): void {
    const bits = bitsOf(values);
    const [counts, others] = [this.#uppers, this.#others];
    const whole = bits.length - (bits.length % 4);
    for (let index = 0; index < whole; index += 4) {
      counts[bits[index]! >>> 16]!++;
      others[bits[index + 1]! >>> 16]!++;
      counts[bits[index + 2]! >>> 16]!++;
      others[bits[index + 3]! >>> 16]!++;
    }
    for (let index = whole; index < bits.length; index++) counts[bits[index]! >>> 16]!++;
  }

  /** The order of all values taken in: `values` are those. */
  ascending(values: Float32Array): AscendingNumbers {
    const bits = bitsOf(values);
    const counts = this.#uppers.map((count, bin) => count + this.#others[bin]!);
    const bins = ascendingBins(counts, {
      negative: counts[NEGATIVE_INFINITY_UPPER] === 0 ? 0 : countOf(bits, NEGATIVE_INFINITY_UPPER << 16),
      positive: counts[POSITIVE_INFINITY_UPPER] === 0 ? 0 : countOf(bits, POSITIVE_INFINITY_UPPER << 16),
    });
    return { numNumbers: bins.at(-1)?.end ?? 0, atRanks: (ranks) => valuesAt(bits, bins, ranks) };
  }
}

const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Int32Array(buffer, byteOffset, length);

function countOf(bits: Int32Array, wanted: number): number {
  let found = 0;
  for (let index = 0; index < bits.length; index++) if (bits[index] === wanted) found++;
  return found;
}

/** The numbers of one upper half: of ranks `start` to `end` (left out). */
interface Bin {
  readonly upper: number;
  readonly start: number;
  readonly end: number;
}

/** The bins that hold numbers, from the lowest values to the highest. Infinities share theirs with NaN, so they are told apart. */
function ascendingBins(counts: Uint32Array, infinities: { readonly negative: number; readonly positive: number }): Bin[] {
  const bins: Bin[] = [];
  const add = (upper: number, count: number) => {
    const start = bins.at(-1)?.end ?? 0;
    if (count > 0) bins.push({ upper, start, end: start + count });
  };
  add(NEGATIVE_INFINITY_UPPER, infinities.negative);
  // Among negative floats, larger bits are lower values.
  for (let upper = NEGATIVE_INFINITY_UPPER - 1; upper >= 0x8000; upper--) add(upper, counts[upper]!);
  for (let upper = 0; upper < POSITIVE_INFINITY_UPPER; upper++) add(upper, counts[upper]!);
  add(POSITIVE_INFINITY_UPPER, infinities.positive);
  return bins;
}

function valuesAt(bits: Int32Array, bins: readonly Bin[], ranks: readonly number[]): (rank: number) => number {
  const binOf = new Map(ranks.map((rank) => [rank, bins.find(({ end }) => rank < end)!]));
  const lowerCounts = countLowers(bits, new Set([...binOf.values()].map(({ upper }) => upper)));
  return (rank) => {
    const { upper, start } = binOf.get(rank)!;
    if (upper === POSITIVE_INFINITY_UPPER) return Infinity;
    if (upper === NEGATIVE_INFINITY_UPPER) return -Infinity;
    return floatOf(upper, lowerAt(lowerCounts.get(upper)!, rank - start, upper >= 0x8000));
  };
}

/** For each wanted upper half, how many of its values have each lower half. */
function countLowers(bits: Int32Array, wanted: ReadonlySet<number>): ReadonlyMap<number, Uint32Array> {
  const slotOf = slotsOf(wanted);
  const counts = new Uint32Array((wanted.size + 1) * NUM_BINS);
  const count = (value: number) => {
    const slot = slotOf[value >>> 16]!;
    if (slot > 0) counts[slot * NUM_BINS + (value & LOWER_BITS)]!++;
  };
  const whole = bits.length - (bits.length % 4);
  for (let index = 0; index < whole; index += 4) {
    const a = bits[index]!;
    const b = bits[index + 1]!;
    const c = bits[index + 2]!;
    const d = bits[index + 3]!;
    // Few values are in a wanted bin: four are asked at a time.
    if ((slotOf[a >>> 16]! | slotOf[b >>> 16]! | slotOf[c >>> 16]! | slotOf[d >>> 16]!) === 0) continue;
    count(a);
    count(b);
    count(c);
    count(d);
  }
  for (let index = whole; index < bits.length; index++) count(bits[index]!);
  return new Map([...wanted].map((upper, index) => [upper, counts.subarray((index + 1) * NUM_BINS, (index + 2) * NUM_BINS)]));
}

/** 1, 2, ... for the wanted upper halves, 0 for all others. Bytes stay in the processor's nearest cache. */
function slotsOf(wanted: ReadonlySet<number>): Uint8Array | Uint32Array {
  const slotOf = wanted.size < 256 ? new Uint8Array(NUM_BINS) : new Uint32Array(NUM_BINS);
  for (const [index, upper] of [...wanted].entries()) slotOf[upper] = index + 1;
  return slotOf;
}

/** The lower half of the value of this rank among those of one bin; negative values run from the largest bits down. */
function lowerAt(counts: Uint32Array, rank: number, isNegative: boolean): number {
  let passed = 0;
  for (let step = 0; step < NUM_BINS; step++) {
    const lower = isNegative ? LOWER_BITS - step : step;
    passed += counts[lower]!;
    if (rank < passed) return lower;
  }
  throw new Error(`internal: percentiles: rank ${rank} beyond the ${passed} values of its bin.`);
}

function floatOf(upper: number, lower: number): number {
  return new Float32Array(Uint32Array.of(upper * NUM_BINS + lower).buffer)[0]!;
}

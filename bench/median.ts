// The one statistic of the benchmarks.

/** The middle value; the mean of the two middle ones where their number is even. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted.at(Math.floor(middle))! + sorted.at(Math.ceil(middle))!) / 2;
}

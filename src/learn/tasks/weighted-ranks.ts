// Rank statistics of weighted rows: a bootstrap draw counts each row as often as it was drawn.

/** Rows sorted by a value, once; equal values stand together. */
export interface Ranking {
  /** Rows, the least value first. */
  readonly order: Int32Array;
  /** Of each place in `order`: where the values equal to its own end. */
  readonly ends: Int32Array;
}

export function rankingOf(values: ArrayLike<number>): Ranking {
  const order = Int32Array.from({ length: values.length }, (_, row) => row).sort((a, b) => values[a]! - values[b]! || a - b);
  const ends = new Int32Array(order.length);
  for (let place = order.length - 1; place >= 0; place--) {
    const isLast = place + 1 === order.length || values[order[place]!] !== values[order[place + 1]!];
    ends[place] = isLast ? place + 1 : ends[place + 1]!;
  }
  return { order, ends };
}

/** The mean rank of each row among rows of these weights; rows of weight 0 have the rank where they would stand. */
export function weightedRanks({ order, ends }: Ranking, weights: ArrayLike<number>): Float64Array {
  const ranks = new Float64Array(order.length);
  let before = 0;
  for (let start = 0; start < order.length; ) {
    const end = ends[start]!;
    let equal = 0;
    for (let place = start; place < end; place++) equal += weights[order[place]!]!;
    for (let place = start; place < end; place++) ranks[order[place]!] = before + (equal + 1) / 2;
    before += equal;
    start = end;
  }
  return ranks;
}

/** Area under the ROC curve: how often a positive row has the greater score, half for equal ones (Mann & Whitney 1947). NaN for one class. */
export function weightedRocAuc(scores: Ranking, isPositive: ArrayLike<number>, weights: ArrayLike<number>): number {
  const ranks = weightedRanks(scores, weights);
  let [positives, total, rankSum] = [0, 0, 0];
  for (let row = 0; row < ranks.length; row++) {
    total += weights[row]!;
    if (!isPositive[row]) continue;
    positives += weights[row]!;
    rankSum += weights[row]! * ranks[row]!;
  }
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (total - positives));
}

/** Spearman's: Pearson's correlation of mean ranks. NaN where one side does not vary. */
export function weightedSpearman(first: Ranking, second: Ranking, weights: ArrayLike<number>): number {
  const [a, b] = [weightedRanks(first, weights), weightedRanks(second, weights)];
  let [total, sumA, sumB] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    total += weights[row]!;
    sumA += weights[row]! * a[row]!;
    sumB += weights[row]! * b[row]!;
  }
  let [products, squaresA, squaresB] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    const [x, y] = [a[row]! - sumA / total, b[row]! - sumB / total];
    products += weights[row]! * x * y;
    squaresA += weights[row]! * x * x;
    squaresB += weights[row]! * y * y;
  }
  return products / Math.sqrt(squaresA * squaresB);
}

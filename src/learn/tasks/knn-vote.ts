// k nearest neighbours with DINO's weighting (Caron et al. 2021, section 4.1; after Wu et al. 2018): cosine, votes exp(cos / 0.07).
import { type Matrix, timesTransposed } from "#learn/embeddings";

/** DINO's numbers of neighbours. */
export const KNN_SIZES = [10, 20, 100, 200] as const;
const TEMPERATURE = 0.07;

/** Every row divided by its length; a row of zeros stays. */
export function withUnitLength({ numRows, numColumns, data }: Matrix): Matrix {
  const out = Float64Array.from(data);
  for (let row = 0; row < numRows; row++) {
    const values = out.subarray(row * numColumns, (row + 1) * numColumns);
    const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let column = 0; column < numColumns; column++) values[column]! /= length;
  }
  return { numRows, numColumns, data: out };
}

/**
 * The class that the k nearest training rows vote for, for each k: [sizes][test rows]. Rows of `train` and `test` have unit length;
 * of equally near rows the earlier counts, of equal votes the first class.
 */
export function knnClasses(
  train: Matrix,
  classes: ArrayLike<number>,
  numClasses: number,
  test: Matrix,
  sizes: readonly number[],
): Uint32Array[] {
  const cosines = timesTransposed(test, train);
  const nearest = Array.from({ length: test.numRows }, (_, row) =>
    nearestOf(cosines.data.subarray(row * train.numRows, (row + 1) * train.numRows), Math.max(...sizes)),
  );
  return sizes.map((size) =>
    Uint32Array.from(nearest, (found) => {
      const votes = new Float64Array(numClasses);
      for (const { place, value } of found.slice(0, size)) votes[classes[place]!]! += Math.exp((value - 1) / TEMPERATURE);
      return votes.indexOf(votes.reduce((most, vote) => Math.max(most, vote)));
    }),
  );
}

/** The `count` largest values, the largest first. */
export function nearestOf(values: Float64Array, count: number): { readonly place: number; readonly value: number }[] {
  const order = Uint32Array.from(values, (_, place) => place).sort((a, b) => values[b]! - values[a]! || a - b);
  return Array.from(order.subarray(0, count), (place) => ({ place, value: values[place]! }));
}

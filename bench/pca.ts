// bench pca: 100 principal components of 20,000 embeddings of a ResNet-50, fitted and applied, beside scikit-learn's randomised PCA.
import { assertAgreement, runExploring } from "./exploring.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

const SIZE = { numRows: 20_000, numColumns: 2048, k: 100 };

export function run(options: BenchOptions): Promise<BenchResult> {
  return runExploring("pca", SIZE, options, async (timings) => {
    // A randomised PCA is not exact: it may miss a little.
    assertAgreement(timings, "explainedVariance", 1e-3);
    const [ours, theirs] = timings.map(({ values }) => values["explainedVariance"]!.toPrecision(8));
    return [
      `${SIZE.numRows} x ${SIZE.numColumns} to ${SIZE.k}, fitted and applied. Variance along the components: ${ours}, ${theirs}.`,
      "Suricate's are exact to rounding (test/slow/embeddings-sklearn), from the covariance of float32 products.",
    ];
  });
}

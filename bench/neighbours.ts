// bench neighbours: the exact 10 nearest of each of 20,000 embeddings of a ResNet-50 among all others, beside brute force in numpy.
import { assertAgreement, runExploring } from "./exploring.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

const SIZE = { numRows: 20_000, numColumns: 2048, k: 10 };

export function run(options: BenchOptions): Promise<BenchResult> {
  return runExploring("neighbours", SIZE, options, async (timings) => {
    assertAgreement(timings, "meanDistance", 1e-4);
    const [ours, theirs] = timings.map(({ values }) => values["meanDistance"]!.toPrecision(8));
    return [
      `${SIZE.k} nearest of ${SIZE.numRows} x ${SIZE.numColumns}, Euclidean. Mean distance: ${ours}, ${theirs}.`,
      "Suricate settles in float64 what rounding leaves open; numpy's distances are float32.",
    ];
  });
}

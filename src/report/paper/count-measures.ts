// What a source count's record says of its probes.
import type { TaskResult } from "#learn/tasks";
import { paperSetOf, setTitle } from "./known-sets.ts";
import { further, headline } from "./measure-builders.ts";
import type { Measure } from "./scores.ts";

export function countMeasures(record: TaskResult): readonly Measure[] {
  const { label } = record;
  const set = label === "sourceCount" ? paperSetOf(record) : undefined;
  const column = set === "MGCLS" ? "mgclsMse" : set === "MIGHTEE" ? "mighteeMse" : undefined;
  const all = [record, ...record.floors];
  const ofExact = (heading: string, score: "meanSquaredErrorWithoutOutliers" | "r2" | "calibrationSlope") =>
    further(
      record,
      heading,
      all.map(({ backbone, exact }) => ({ backbone, ...exact[score] })),
    );
  return [
    headline(record, "MSE", { column, name: `MSE of ${label} on ${setTitle(record)}` }),
    ...ofExact("MSE without outliers", "meanSquaredErrorWithoutOutliers"),
    ...ofExact("R²", "r2"),
    ...ofExact("calibration slope", "calibrationSlope"),
    ...further(
      record,
      "MSE, sgd probe",
      all.map(({ backbone, sgd }) => ({ backbone, ...sgd.meanSquaredError })),
    ),
    ...further(
      record,
      "MSE, Poisson",
      all.flatMap(({ backbone, poisson }) => (poisson === undefined ? [] : [{ backbone, ...poisson.meanSquaredError }])),
    ),
    ...further(
      record,
      "MSE, negative binomial",
      all.flatMap(({ backbone, negativeBinomial }) =>
        negativeBinomial === undefined ? [] : [{ backbone, ...negativeBinomial.meanSquaredError }],
      ),
    ),
  ];
}

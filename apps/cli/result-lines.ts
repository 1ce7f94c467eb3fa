// A source count's result as an aligned table for a person.
import type { BackboneScore, Comparison, TaskResult } from "#learn/tasks";
import { alignedRows, short, withInterval } from "./text-table.ts";

const HEADINGS = [
  "backbone",
  "MSE [95 %]",
  "without outliers",
  "MAE",
  "R2",
  "slope",
  "sgd MSE",
  "backbone less this [95 %]",
  "p",
] as const;

/** Lines of text: what was asked, one row a backbone, and the notes. */
export function resultLines(result: TaskResult): string[] {
  const { label, cropSetName, split, n, numWithoutLabel, numTrain, numTest, numOutliers, intervalUnit } = result;
  const rows = [
    [...HEADINGS],
    scoreCells(result, undefined),
    ...result.floors.map((floor, index) => scoreCells(floor, result.comparisons[index])),
  ];
  return [
    `${label} of ${cropSetName}: ${n} crops with a label, ${numWithoutLabel} without; split ${split}: ${numTrain} to train, ${numTest} to test, ${numOutliers} of them outliers.`,
    `Mean squared errors of counts, exact (ridge) probe; intervals by bootstrap over ${intervalUnit}s.`,
    "",
    ...alignedRows(rows),
    ...(result.notes.length > 0 ? ["", ...result.notes] : []),
  ];
}

function scoreCells({ backbone, exact, sgd }: BackboneScore, comparison: Comparison | undefined): string[] {
  return [
    backbone,
    withInterval(exact.meanSquaredError),
    short(exact.meanSquaredErrorWithoutOutliers.value),
    short(exact.meanAbsoluteError.value),
    short(exact.r2.value),
    short(exact.calibrationSlope.value),
    short(sgd.meanSquaredError.value),
    comparison === undefined ? "" : withInterval({ value: comparison.difference, interval: comparison.interval }),
    comparison === undefined ? "" : short(comparison.p),
  ];
}

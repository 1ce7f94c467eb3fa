// A task's result as an aligned table for a person.
import type { BackboneScore, Comparison, Estimate, TaskResult } from "#learn/tasks";

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

function withInterval({ value, interval }: Estimate): string {
  return interval === null ? short(value) : `${short(value)} [${short(interval[0])}, ${short(interval[1])}]`;
}

/** Three digits; scientific where the number is huge or next to nothing. */
function short(value: number | null): string {
  if (value === null) return "-";
  const size = Math.abs(value);
  if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(1);
  return size >= 1000 ? String(Math.round(value)) : value.toPrecision(3);
}

/** The first column starts, the others end, at the same place in every row. */
function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}

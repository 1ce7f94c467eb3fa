// A source count's result as an aligned table for a person.
import type { BackboneScore, Comparison, TaskResult } from "#learn/tasks";
import { seedLines } from "./seed-lines.ts";
import { alignedRows, short, withInterval, withoutEmptyColumns } from "./text-table.ts";

const HEADINGS = [
  "backbone",
  "MSE [95 %]",
  "without outliers",
  "MAE",
  "R2",
  "slope",
  "sgd MSE",
  "Poisson MSE",
  "neg. binomial MSE",
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
    ...alignedRows(withoutEmptyColumns(rows)),
    ...seedLines(result.pretrainingSeeds, "MSE"),
    ...tailLines(result),
    ...(result.notes.length > 0 ? ["", ...result.notes] : []),
  ];
}

/** How often high counts are there, and are predicted (paper section 4.1). */
function tailLines({ tail = [], backbone }: TaskResult): string[] {
  const [first] = tail;
  if (first === undefined) return [];
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const probes = Object.keys(first.predicted);
  const rows = tail.map(({ count, truth, predicted }) => [
    `more than ${count}`,
    percent(truth),
    ...probes.map((name) => percent(predicted[name]!)),
  ]);
  const names = probes.map((name) => PROBE_NAMES[name] ?? name);
  return ["", ...alignedRows([[`counts, by ${backbone}`, "in truth", ...names.map((name) => `by ${name}`)], ...rows])];
}

const PROBE_NAMES: Readonly<Record<string, string>> = { poisson: "Poisson", negativeBinomial: "neg. binomial" };

function scoreCells(score: BackboneScore, comparison: Comparison | undefined): string[] {
  const { backbone, exact, sgd, poisson, negativeBinomial } = score;
  return [
    backbone,
    withInterval(exact.meanSquaredError),
    short(exact.meanSquaredErrorWithoutOutliers.value),
    short(exact.meanAbsoluteError.value),
    short(exact.r2.value),
    short(exact.calibrationSlope.value),
    short(sgd.meanSquaredError.value),
    poisson ? short(poisson.meanSquaredError.value) : "",
    negativeBinomial ? short(negativeBinomial.meanSquaredError.value) : "",
    comparison === undefined ? "" : withInterval({ value: comparison.difference, interval: comparison.interval }),
    comparison === undefined ? "" : short(comparison.p),
  ];
}

// A source count's result as an aligned table for a person.
import type { BackboneScore, Comparison, TaskResult } from "#learn/tasks";
import { seedLines } from "./seed-lines.ts";
import { alignedRows, short, withInterval, withoutEmptyColumns } from "./text-table.ts";

const HEADINGS = [
  "backbone",
  "protocol",
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
  const { audit } = result;
  const rows = [[...HEADINGS], ...(audit ? [result, audit] : [result]).flatMap((one) => protocolRows(one, audit !== undefined))];
  return [
    `${label} of ${cropSetName}: ${n} crops with a label, ${numWithoutLabel} without; split ${split}: ${numTrain} to train, ${numTest} to test, ${numOutliers} of them outliers.`,
    `Mean squared errors of counts, exact (ridge) probe; intervals by bootstrap over ${intervalUnit}s.`,
    "",
    ...alignedRows(withoutEmptyColumns(rows)),
    ...seedLines(result.pretrainingSeeds, "MSE"),
    ...tailLines(result),
    ...notesOf(result),
  ];
}

/** Of both protocols, each note once. */
function notesOf({ notes, audit }: TaskResult): string[] {
  const all = [...new Set([...notes, ...(audit?.notes ?? [])])];
  return all.length > 0 ? ["", ...all] : [];
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

/** The protocol is told where two stand beside each other, and where it is for audit alone. */
function protocolRows(result: TaskResult, isOneOfTwo: boolean): string[][] {
  const protocol = isOneOfTwo || result.protocol !== "paper" ? result.protocol : "";
  return [
    scoreCells(result, protocol, undefined),
    ...result.floors.map((floor, index) => scoreCells(floor, protocol, result.comparisons[index])),
  ];
}

function scoreCells(score: BackboneScore, protocol: string, comparison: Comparison | undefined): string[] {
  const { backbone, exact, sgd, poisson, negativeBinomial } = score;
  return [
    backbone,
    protocol,
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

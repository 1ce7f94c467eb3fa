// A source count's result as an aligned table for a person.
import type { BackboneScore, Comparison, TaskResult } from "#learn/tasks";
import { allVariants } from "./evaluate/variants.ts";
import { seedLines } from "./seed-lines.ts";
import { counted } from "./terminal.ts";
import { alignedRows, short, withInterval, withoutEmptyColumns } from "./text-table.ts";

const HEADINGS = [
  "backbone",
  "protocol",
  "PCA",
  "DQF",
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
  const {
    label,
    cropSetName,
    split,
    n,
    numWithoutLabel,
    numTrain,
    numTest,
    numOutliers,
    numTrainOutliers = 0,
    intervalUnit,
  } = result;
  const left = numTrainOutliers > 0 ? `; ${counted(numTrainOutliers, "outlier")} left out of training` : "";
  const rows = [[...HEADINGS], ...allVariants(result).flatMap((one) => variantRows(one, result))];
  return [
    `${label} of ${cropSetName}: ${n} crops with a label, ${numWithoutLabel} without; split ${split}: ${numTrain} to train, ${numTest} to test, ${numOutliers} of them outliers${left}.`,
    `Mean squared errors of counts, exact (ridge) probe; intervals by bootstrap over ${intervalUnit}s.`,
    "",
    ...alignedRows(withoutEmptyColumns(rows)),
    ...seedLines(result.pretrainingSeeds, "MSE"),
    ...tailLines(result),
    ...notesOf(result),
  ];
}

/** Of all variants, each note once. */
function notesOf(result: TaskResult): string[] {
  const all = [...new Set(allVariants(result).flatMap(({ notes }) => notes))];
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

/** Protocol and components are told where several stand beside each other; the protocol also where it is for audit alone. */
function variantRows(result: TaskResult, { audit, variants }: TaskResult): string[][] {
  const protocol = audit !== undefined || result.protocol !== "paper" ? result.protocol : "";
  const flags = result.dataQualityFlags?.join("+") ?? (variants === undefined ? "" : "all");
  const cells = (score: BackboneScore, comparison?: Comparison) => {
    const components = result.pca === null ? "none" : String(score.numComponents[0]);
    return scoreCells(score, [protocol, variants === undefined ? "" : components, flags], comparison);
  };
  return [cells(result), ...result.floors.map((floor, index) => cells(floor, result.comparisons[index]))];
}

function scoreCells(score: BackboneScore, variant: readonly string[], comparison: Comparison | undefined): string[] {
  const { backbone, exact, sgd, poisson, negativeBinomial } = score;
  return [
    backbone,
    ...variant,
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

// A classification's record as text for a person: the table of backbones, the seeds of pre-training, the confusion matrix.
import type { ClassComparison, ClassEstimates, ClassRecord, ClassScore } from "#learn/tasks";
import { seedLines } from "../seed-lines.ts";
import { alignedRows, short, withInterval, withoutEmptyColumns } from "../text-table.ts";
import { allVariants } from "./variants.ts";

/** Lines of text. */
export function classLines(record: ClassRecord): string[] {
  const { cropSetName, classes, n, numTrain, numTest, split, numRepeats, numFolds, intervalUnit } = record;
  const drawn = split === "folds" ? ` (${numRepeats} x ${numFolds})` : split === "holdout" ? ` (${numRepeats} x)` : "";
  const all = allVariants(record);
  return [
    `${record.task} of ${cropSetName}: ${classes.join(", ")}; ${n} crops; split ${split}${drawn}: ${numTrain} to train, ${numTest} to test.`,
    `Errors of the ${record.headline} probe, 95 % intervals ${intervalUnit === "field" ? "by bootstrap over fields" : "by Wilson's formula"}; all other intervals by bootstrap over ${intervalUnit}s.`,
    "",
    ...alignedRows(withoutEmptyColumns([headingsOf(record), ...all.flatMap(rowsOf)])),
    ...seedLines(record.pretrainingSeeds, "error"),
    "",
    ...confusionLines(record),
    ...exclusionLines(record),
    ...(record.notes.length > 0 ? ["", ...record.notes] : []),
  ];
}

function headingsOf(record: ClassRecord): string[] {
  const { positiveClass, classes, task } = record;
  return [
    "backbone",
    ...(task === "knn" ? [] : ["protocol", "PCA"]),
    "DQF",
    "error [95 %]",
    positiveClass === null ? "macro F1" : `F1 ${positiveClass}`,
    ...classes.map((name) => `recall ${name}`),
    ...(task === "knn" ? [] : ["sgd error"]),
    "backbone less this [95 %]",
    "p",
  ];
}

function rowsOf(record: ClassRecord): string[][] {
  return [cells(record, record), ...record.floors.map((floor, index) => cells(record, floor, record.comparisons[index]))];
}

function cells(record: ClassRecord, score: ClassScore, comparison?: ClassComparison): string[] {
  const headline = score.probes[record.headline] as ClassEstimates; // every score has the headline's probe
  const sgd = score.probes["sgd"];
  return [
    score.backbone,
    ...(record.task === "knn" ? [] : [record.protocol, record.pca === null ? "none" : String(score.numComponents[0])]),
    record.dataQualityFlags?.join("+") ?? "",
    withInterval({ value: score.value, interval: score.interval }),
    short((headline.f1 ?? headline.macroF1).value),
    ...headline.perClass.map(({ recall }) => short(recall.value)),
    ...(record.task === "knn" ? [] : [sgd ? short(sgd.error.value) : "-"]),
    comparison === undefined ? "" : withInterval({ value: comparison.difference, interval: comparison.interval }),
    comparison === undefined ? "" : short(comparison.mcnemar?.p ?? comparison.p),
  ];
}

function confusionLines({ backbone, headline, probes, classes }: ClassRecord): string[] {
  const { confusion, perClass } = probes[headline] as ClassEstimates; // the record has its own headline
  const rows = classes.map((name, row) => [
    name,
    ...confusion[row]!.map((count) => (Number.isInteger(count) ? String(count) : count.toFixed(1))),
    withInterval(perClass[row]!.recall),
    withInterval(perClass[row]!.f1),
  ]);
  return alignedRows([[`true, by ${backbone}`, ...classes.map((name) => `as ${name}`), "recall [95 %]", "F1 [95 %]"], ...rows]);
}

function exclusionLines({ exclusions }: ClassRecord): string[] {
  return exclusions.length === 0 ? [] : ["", ...exclusions.map(({ reason, count }) => `Left out: ${count} ${reason}.`)];
}

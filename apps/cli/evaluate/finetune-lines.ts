// A fine-tuning's record as text for a person: one row for each number of trained layers, then what stands beside them.
import type { FinetuneComparison, FinetuneRecord, FinetuneScore } from "#learn/tasks";
import { seedLines } from "../seed-lines.ts";
import { alignedRows, short, withInterval } from "../text-table.ts";

/** Lines of text. */
export function finetuneLines(record: FinetuneRecord): string[] {
  const { cropSetName, classes, numTrain, numValid, numTest, settings, seeds, points, scratch, floors } = record;
  const valid = numValid > 0 ? `, ${numValid} to choose the epoch` : "";
  const { numEpochs, centreSize, inputSize } = settings;
  const shown = inputSize === centreSize ? `the middle ${centreSize} pixels` : `the middle ${centreSize} pixels at ${inputSize}`;
  return [
    `finetune on ${cropSetName}: ${classes.join(", ")}; ${numTrain} crops to train${valid}, ${numTest} to test; ${shown}; ${counted(numEpochs, "epoch")}, ${counted(seeds.probe.length, "seed")}.`,
    intervalLine(record),
    "",
    ...alignedRows([
      headings(record),
      ...points.map((point) => networkCells(point, record)),
      ...(scratch ? [networkCells(scratch, record)] : []),
      ...floors.map(({ backbone, value, interval }, index) => [
        ...[index === 0 ? `${backbone}, frozen` : backbone, "-", "-", withInterval({ value, interval }), "", ""],
        ...new Array<string>(headings(record).length - 6).fill(""),
      ]),
    ]),
    ...seedLines(record.pretrainingSeeds, "error"),
    ...(record.notes.length > 0 ? ["", ...record.notes] : []),
    ...record.exclusions.map(({ reason, count }) => `Left out: ${count} ${reason}.`),
  ];
}

function intervalLine({ seeds, intervalUnit }: FinetuneRecord): string {
  const unit = `${intervalUnit}s`;
  return seeds.probe.length === 1 && intervalUnit === "crop"
    ? `Errors with 95 % intervals by Wilson's formula; differences by paired bootstrap over ${unit}, p by McNemar's exact test.`
    : `Errors with 95 % intervals by bootstrap over ${unit} and training seeds; differences and p by the same, paired.`;
}

function headings(record: FinetuneRecord): string[] {
  const beside = againstNames(record).flatMap((name) => [`less ${name} [95 %]`, "p"]);
  const f1 = record.positiveClass === null ? "macro F1" : `F1 ${record.positiveClass}`;
  return ["network", "layers", "trained", "error [95 %]", "sd over seeds", f1, ...beside];
}

/** "scratch" and "frozen", as far as they are there. */
function againstNames({ scratch }: FinetuneRecord): string[] {
  return scratch ? ["scratch", "frozen"] : ["frozen"];
}

function networkCells(score: FinetuneScore, record: FinetuneRecord): string[] {
  const { backbone, numLayers, numTrainedParameters, value, interval, seedDeviation, f1, estimates, errorPerSeed } = score;
  const isPoint = record.points.includes(score);
  const comparisons = isPoint ? record.comparisons.filter((one) => one.numLayers === numLayers) : [];
  return [
    backbone,
    String(numLayers),
    millions(numTrainedParameters),
    withInterval({ value, interval }),
    errorPerSeed.length > 1 ? short(seedDeviation) : "-",
    short((f1 ?? estimates.macroF1).value),
    ...againstNames(record).flatMap((_, index) => comparisonCells(comparisons[index])),
  ];
}

function comparisonCells(comparison: FinetuneComparison | undefined): string[] {
  if (comparison === undefined) return ["", ""];
  const { difference, interval, p, mcnemarPerSeed } = comparison;
  const [only] = mcnemarPerSeed;
  return [withInterval({ value: difference, interval }), short(mcnemarPerSeed.length === 1 ? only!.p : p)];
}

/** "11.2 M", "8.7 k". */
function millions(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} M` : `${(count / 1e3).toFixed(1)} k`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

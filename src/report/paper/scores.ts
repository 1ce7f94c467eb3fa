// Evaluations as single scores: of which backbone, on which set, and where the paper has a place for them.
import type { ClassScore, Estimate, EvaluationRecord, FinetuneScore } from "#learn/tasks";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import type { ResultColumn } from "./published.ts";

type Interval = readonly [low: number, high: number];

/** One number of one backbone. */
export interface Score {
  readonly title: string;
  readonly origin: "ours" | "floor";
  readonly value: number;
  /** 95 %; null where the evaluation gives none. */
  readonly interval: Interval | null;
}

/** One measure of one evaluation, over the backbone and what stands beside it. */
export interface Measure {
  /** Where Table 4 has it; undefined where the paper has no such column. */
  readonly column: ResultColumn | undefined;
  /** "error of fr on MiraBest". */
  readonly name: string;
  readonly cropSetName: string;
  readonly numTest: number;
  readonly scores: readonly Score[];
}

/** One evaluation of each backbone for each task and set: where there are several, the last. */
export function latestEvaluations(records: readonly EvaluationRecord[]): readonly EvaluationRecord[] {
  const keyOf = (record: EvaluationRecord) => {
    const other =
      record.task === "shift" ? record.otherCropSetName : record.task === "cka" ? backboneTitle(record.otherBackbone) : "";
    const label = record.task === "source-count" ? record.label : "";
    return JSON.stringify([record.task, record.cropSetName, backboneTitle(record.backbone), label, other]);
  };
  return [...new Map(records.map((record) => [keyOf(record), record])).values()];
}

/** Every measure of an evaluation that tables show. */
export function measuresOf(record: EvaluationRecord): readonly Measure[] {
  switch (record.task) {
    case "source-count":
      return [countMeasure(record)];
    case "fr":
    case "four-class":
    case "knn":
      return classMeasures(record);
    case "finetune":
      return finetuneMeasures(record);
    case "few-labels":
      return [headlineMeasure(record, `error with ${record.points[0]?.numLabels ?? 0} labels`, record.numTest)];
    case "similarity":
      return [headlineMeasure(record, "precision of the nearest crop", record.numTest)];
    case "anomaly":
      return [headlineMeasure(record, "area under the ROC of oddness", record.n)];
    case "shift":
      return [headlineMeasure(record, `Fréchet distance to ${record.otherCropSetName}`, record.n)];
    case "cka":
      return [ckaMeasure(record)];
  }
}

function countMeasure(record: Extract<EvaluationRecord, { task: "source-count" }>): Measure {
  const { cropSetName, label, numTest } = record;
  const column =
    label !== "sourceCount" ? undefined : isMightee(cropSetName) ? "mighteeMse" : isMgcls(cropSetName) ? "mgclsMse" : undefined;
  const scores = [record, ...record.floors].map((score) => scoreOf(score.backbone, score));
  return { column, name: `MSE of ${label} on ${cropSetName}`, cropSetName, numTest, scores };
}

function classMeasures(record: Extract<EvaluationRecord, { task: "fr" | "four-class" | "knn" }>): readonly Measure[] {
  const { cropSetName, headline, task, numTest, positiveClass } = record;
  const all: readonly ClassScore[] = [record, ...record.floors];
  const isFr = task === "fr";
  const place = !isFr ? undefined : isMightee(cropSetName) ? "mfr" : isMiraBest(cropSetName) ? "mb" : undefined;
  const what = task === "knn" ? `error of ${headline}` : `error of ${task === "fr" ? "FRI/FRII" : "four classes, frozen"}`;
  const errors: Measure = {
    column: place === undefined ? undefined : (`${place}Error` as const),
    name: `${what} on ${cropSetName}`,
    cropSetName,
    numTest,
    scores: all.map((score) => scoreOf(score.backbone, score)),
  };
  if (positiveClass === null) return [errors];
  const f1Of = ({ probes }: ClassScore) => (probes[headline] ?? Object.values(probes)[0])?.f1;
  const scores = all.flatMap((score) => estimated(score.backbone, f1Of(score)));
  if (scores.length === 0) return [errors];
  const f1 = { ...errors, column: place === undefined ? undefined : (`${place}F1` as const), scores };
  return [errors, { ...f1, name: `F1 of ${positiveClass} on ${cropSetName}` }];
}

function finetuneMeasures(record: Extract<EvaluationRecord, { task: "finetune" }>): readonly Measure[] {
  const { cropSetName, points, scratch, numTest, classes } = record;
  const last = points.at(-1);
  if (last === undefined) return [];
  const of = (score: FinetuneScore, title: string, origin: Score["origin"]): Score => {
    const { value, interval } = score.error;
    const accuracy: Interval | null = interval === null ? null : [1 - interval[1], 1 - interval[0]];
    return { title, origin, value: value === null ? Number.NaN : 1 - value, interval: accuracy };
  };
  const tuned = of(last, backboneTitle(record.backbone), isFloorName(record.backbone) ? "floor" : "ours");
  const frozen = record.floors.map(({ backbone, value, interval }) => ({
    title: `${backboneTitle(backbone)}, frozen`,
    origin: "floor" as const,
    value: 1 - value,
    interval: [1 - interval[1], 1 - interval[0]] as const,
  }));
  const fromScratch = scratch === null ? [] : [of(scratch, `${backboneTitle(record.backbone)}, from scratch`, "floor")];
  return [
    {
      column: classes.length === 4 && isRgd(cropSetName) ? "rgdAccuracy" : undefined,
      name: `accuracy, ${last.numLayers} groups fine-tuned, on ${cropSetName}`,
      cropSetName,
      numTest,
      scores: [tuned, ...fromScratch, ...frozen],
    },
  ];
}

function headlineMeasure(
  record: Extract<EvaluationRecord, { task: "few-labels" | "similarity" | "anomaly" | "shift" }>,
  what: string,
  numTest: number,
): Measure {
  const { cropSetName } = record;
  const scores = [record, ...record.floors].map((score) => scoreOf(score.backbone, score));
  return { column: undefined, name: `${what}, ${cropSetName}`, cropSetName, numTest, scores };
}

function ckaMeasure(record: Extract<EvaluationRecord, { task: "cka" }>): Measure {
  const { cropSetName, otherBackbone, n, floors } = record;
  const shuffled = floors.map(({ name, value, interval }) => ({
    title: `crops ${name}`,
    origin: "floor" as const,
    value,
    interval,
  }));
  const name = `linear CKA with ${backboneTitle(otherBackbone)}, ${cropSetName}`;
  return { column: undefined, name, cropSetName, numTest: n, scores: [scoreOf(record.backbone, record), ...shuffled] };
}

function scoreOf(backbone: string, { value, interval }: { readonly value: number; readonly interval: Interval }): Score {
  return { title: backboneTitle(backbone), origin: isFloorName(backbone) ? "floor" : "ours", value, interval };
}

function estimated(backbone: string, estimate: Estimate | null | undefined): Score[] {
  if (estimate?.value === undefined || estimate.value === null) return [];
  const { value, interval } = estimate;
  return [{ title: backboneTitle(backbone), origin: isFloorName(backbone) ? "floor" : "ours", value, interval }];
}

/** The paper's sets, by the names that people give their crop sets. */
export const isMightee = (name: string) => /mightee/i.test(name);
export const isMgcls = (name: string) => /mgcls/i.test(name) && !/protege/i.test(name);
export const isMiraBest = (name: string) => /mira.?best/i.test(name);
export const isRgd = (name: string) => /rgd|radio.?galaxy.?data.?set/i.test(name);

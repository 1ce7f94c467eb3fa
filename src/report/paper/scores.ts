// Evaluations as single scores: of which backbone, and where the paper has a place for them.
import type { ClassRecord, EvaluationRecord, FinetuneRecord, FinetuneScore, TaskResult } from "#learn/tasks";
import { estimateText, numberText } from "../number-text.ts";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import { isAudit } from "./evaluation-groups.ts";
import { paperSetOf, setTitle } from "./known-sets.ts";
import type { ResultColumn } from "./published.ts";
import { type BackboneEstimate, scoresOf } from "./seed-families.ts";

export type Interval = readonly [low: number, high: number];

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
  /** In a table of this evaluation alone: "error". */
  readonly heading: string;
  /** Anywhere: "error of FRI/FRII on MiraBest". */
  readonly name: string;
  readonly scores: readonly Score[];
}

/** Every measure of an evaluation that tables show, the headline first. */
export function measuresOf(record: EvaluationRecord): readonly Measure[] {
  switch (record.task) {
    case "source-count":
      return countMeasures(record);
    case "fr":
    case "four-class":
    case "knn":
      return classMeasures(record);
    case "finetune":
      return finetuneMeasures(record);
    case "few-labels":
      return [headline(record, `error with ${record.points[0]?.numLabels ?? 0} labels`)];
    case "similarity":
      return similarityMeasures(record);
    case "anomaly":
      return anomalyMeasures(record);
    case "shift":
      return shiftMeasures(record);
    case "cka":
      return ckaMeasures(record);
  }
}

/** Numbers of the test crops, or of all where every crop counts. */
export function numTested(record: EvaluationRecord): number {
  return "numTest" in record ? record.numTest : record.n;
}

/** A score as a cell; a dash where there is none. */
export function scoreText(score: Pick<Score, "value" | "interval"> | undefined): string {
  if (score === undefined || !Number.isFinite(score.value)) return "–";
  return score.interval === null ? numberText(score.value) : estimateText(score.value, score.interval);
}

type Of<Task extends EvaluationRecord["task"]> = Extract<EvaluationRecord, { task: Task }>;

/** A measure that only tables of one evaluation show. */
function further(record: EvaluationRecord, heading: string, estimates: readonly BackboneEstimate[]): Measure[] {
  const known = estimates.filter(({ value }) => value !== null);
  if (known.length === 0) return [];
  const name = `${heading} on ${setTitle(record)}`;
  return [{ column: undefined, heading, name, scores: scoresOf(known, record, "further") }];
}

function headline(
  record: Exclude<EvaluationRecord, Of<"cka">>,
  heading: string,
  {
    column,
    name = `${heading}, ${setTitle(record)}`,
  }: { readonly column?: ResultColumn | undefined; readonly name?: string } = {},
): Measure {
  return {
    column: isAudit(record) ? undefined : column,
    heading,
    name,
    scores: scoresOf([record, ...record.floors], record, "headline"),
  };
}

function countMeasures(record: TaskResult): readonly Measure[] {
  const { label } = record;
  const set = label === "sourceCount" ? paperSetOf(record) : undefined;
  const column = set === "MGCLS" ? "mgclsMse" : set === "MIGHTEE" ? "mighteeMse" : undefined;
  const all = [record, ...record.floors];
  return [
    headline(record, "MSE", { column, name: `MSE of ${label} on ${setTitle(record)}` }),
    ...further(
      record,
      "MSE without outliers",
      all.map(({ backbone, exact }) => ({ backbone, ...exact.meanSquaredErrorWithoutOutliers })),
    ),
    ...further(
      record,
      "R²",
      all.map(({ backbone, exact }) => ({ backbone, ...exact.r2 })),
    ),
    ...further(
      record,
      "calibration slope",
      all.map(({ backbone, exact }) => ({ backbone, ...exact.calibrationSlope })),
    ),
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

/** What the classes of a task are called. */
const CLASS_TASKS: Readonly<Record<ClassRecord["task"], string>> = {
  fr: "FRI/FRII",
  "four-class": "four classes, frozen",
  knn: "k nearest neighbours",
};

function classMeasures(record: ClassRecord): readonly Measure[] {
  const { headline: probe, task, positiveClass } = record;
  const set = task === "fr" ? paperSetOf(record) : undefined;
  const place = set === "MIGHTEE_FR" ? "mfr" : set === "MiraBest" ? "mb" : undefined;
  const all = [record, ...record.floors];
  const probes = all.flatMap(({ backbone, probes: by }) => {
    const estimates = by[probe] ?? Object.values(by)[0];
    return estimates === undefined ? [] : [{ backbone, estimates }];
  });
  const column = place && !isAudit(record) ? (`${place}F1` as const) : undefined;
  const ofClass = (name: string) =>
    further(
      record,
      `recall of ${name}`,
      probes.flatMap(({ backbone, estimates }) => {
        const found = estimates.perClass.find((one) => one.name === name);
        return found === undefined ? [] : [{ backbone, ...found.recall }];
      }),
    );
  return [
    headline(record, "error", { column: place && `${place}Error`, name: `error of ${CLASS_TASKS[task]} on ${setTitle(record)}` }),
    ...(positiveClass === null
      ? further(
          record,
          "macro F1",
          probes.map(({ backbone, estimates }) => ({ backbone, ...estimates.macroF1 })),
        )
      : further(
          record,
          `F1 of ${positiveClass}`,
          probes.flatMap(({ backbone, estimates }) => (estimates.f1 === null ? [] : [{ backbone, ...estimates.f1 }])),
        ).map((measure) => ({ ...measure, column }))),
    ...record.classes.flatMap(ofClass),
  ];
}

function finetuneMeasures(record: FinetuneRecord): readonly Measure[] {
  const { points, scratch } = record;
  const last = points.at(-1);
  if (last === undefined) return [];
  const of = (score: FinetuneScore, title: string, origin: Score["origin"]): Score => ({
    title,
    origin,
    value: score.error.value === null ? Number.NaN : 1 - score.error.value,
    interval: turned(score.error.interval),
  });
  const own = backboneTitle(record.backbone);
  const tuned = of(last, own, isFloorName(record.backbone) ? "floor" : "ours");
  const frozen = scoresOf(record.floors, record, "further").map(({ title, value, interval }) => ({
    ...{ title: `${title}, frozen`, origin: "floor" as const },
    ...{ value: 1 - value, interval: turned(interval) },
  }));
  const fromScratch = scratch === null ? [] : [of(scratch, `${own}, from scratch`, "floor")];
  return [
    {
      column: record.classes.length === 4 && paperSetOf(record) === "RadioGalaxyDataset" ? "rgdAccuracy" : undefined,
      heading: "accuracy",
      name: `accuracy, ${last.numLayers} groups fine-tuned, on ${setTitle(record)}`,
      scores: [tuned, ...fromScratch, ...frozen],
    },
  ];
}

function turned(interval: Interval | null): Interval | null {
  return interval === null ? null : [1 - interval[1], 1 - interval[0]];
}

function similarityMeasures(record: Of<"similarity">): readonly Measure[] {
  const all = [record, ...record.floors];
  const [first, ...sizes] = (record.precision ?? []).map(({ k }) => k);
  const atSize = (size: number) =>
    all.flatMap(({ backbone, precision }) => precision.filter(({ k }) => k === size).map((one) => ({ backbone, ...one })));
  return [
    headline(record, `precision at ${first ?? 1}`),
    ...sizes.flatMap((size) => further(record, `precision at ${size}`, atSize(size))),
  ];
}

function anomalyMeasures(record: Of<"anomaly">): readonly Measure[] {
  const all = [record, ...record.floors];
  const names = [...new Set(all.flatMap(({ scorers }) => scorers.map(({ name }) => name)))];
  const byScorer = (name: string, of: "rocAuc" | "rankCorrelation") =>
    all.flatMap(({ backbone, scorers }) => scorers.filter((one) => one.name === name).map((one) => ({ backbone, ...one[of] })));
  const words = (name: string) => name.replace("-", " ");
  const [first, ...others] = names;
  return [
    headline(record, `area under the ROC${first === undefined ? "" : `, ${words(first)}`}`),
    ...others.flatMap((name) => further(record, `area under the ROC, ${words(name)}`, byScorer(name, "rocAuc"))),
    ...(first === undefined ? [] : further(record, "rank correlation with interest", byScorer(first, "rankCorrelation"))),
  ];
}

function shiftMeasures(record: Of<"shift">): readonly Measure[] {
  const all = [record, ...record.floors];
  const withoutShift = all.map(
    ({
      backbone,
      frechetDistance: {
        withoutShift: { mean, interval },
      },
    }) => ({ backbone, value: mean, interval }),
  );
  return [
    headline(record, "Fréchet distance"),
    ...further(record, "the same without a shift", withoutShift),
    ...further(
      record,
      "mean discrepancy, squared",
      all.map(({ backbone, meanDiscrepancy }) => ({ backbone, ...meanDiscrepancy })),
    ),
  ];
}

function ckaMeasures(record: Of<"cka">): readonly Measure[] {
  const shuffled = record.floors.map(({ name, value, interval }) => ({
    title: `crops ${name}`,
    origin: "floor" as const,
    value,
    interval,
  }));
  const heading = `linear CKA with ${backboneTitle(record.otherBackbone)}`;
  const scores = [...scoresOf([record], record, "headline"), ...shuffled];
  return [{ column: undefined, heading, name: `${heading}, ${setTitle(record)}`, scores }];
}

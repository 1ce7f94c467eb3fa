// What records of classes say: of probes on frozen embeddings, and of fine-tuned networks.
import type { ClassRecord, FinetuneRecord, FinetuneScore } from "#learn/tasks";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import { isAudit } from "./evaluation-groups.ts";
import { paperSetOf, setTitle } from "./known-sets.ts";
import { further, headline } from "./measure-builders.ts";
import type { Interval, Measure, Score } from "./scores.ts";
import { scoresOf } from "./seed-families.ts";

/** What the classes of a task are called. */
const CLASS_TASKS: Readonly<Record<ClassRecord["task"], string>> = {
  fr: "FRI/FRII",
  "four-class": "four classes, frozen",
  knn: "k nearest neighbours",
};

export function classMeasures(record: ClassRecord): readonly Measure[] {
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

export function finetuneMeasures(record: FinetuneRecord): readonly Measure[] {
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

// The record of a fine-tuning, from its scores.

import type { ClassProblem } from "../class-problem.ts";
import type { ClassRecord, ClassScore } from "../class-record.ts";
import type { FinetuneRecord, FinetuneScore } from "../network-records.ts";
import { setFacts } from "../set-facts.ts";
import { finetuneComparison } from "./finetune-score.ts";
import { finetuneSeeds } from "./finetune-seeds.ts";
import type { LearningRows, Validation } from "./validation.ts";

const PROTOCOL_TEXT =
  "last k layer groups and a head d-hidden-n trained; AdamW 0.001 B/256, weight decay 0.05, rate times 0.75 for every group below " +
  "the uppermost, label smoothing 0.1; k = 0: the head alone, SGD momentum 0.9, 0.1 B/256; cosine to 0; pictures are the crop's " +
  "middle, turned by any angle and flipped while it learns; frozen layers normalise by their running averages; the last epoch, " +
  "or the one of the lowest validation loss among training rows; the test rows are used once. Scratch: the same network, " +
  "untrained at first, all groups trained at the full rate. Floors: exact linear probes of frozen embeddings";

/** What a record is made of, beside what it repeats of them. */
export interface FinetuneParts extends Pick<FinetuneRecord, "settings" | "split" | "validation" | "numGroups" | "scratch"> {
  /** As `points`, of the backbone pre-trained with other seeds. */
  readonly replicas: readonly FinetuneScore[];
  readonly problem: ClassProblem;
  readonly rows: LearningRows;
  readonly seeds: readonly number[];
  /** By number of trained groups, rising; one at least. */
  readonly points: readonly FinetuneScore[];
  /** The frozen backbone and its floors on the same split. */
  readonly frozen: ClassRecord;
}

/** The record; each point is compared with the network from scratch, where there is one, and with the frozen probe. */
export function finetuneRecord(parts: FinetuneParts): FinetuneRecord {
  const { problem, rows, seeds, points, replicas, scratch, frozen, ...facts } = parts;
  const { table, splitSeed, positiveClass, dataQualityFlags } = problem.options;
  const headline = points.at(-1)!;
  const beside = [
    ...(scratch ? [{ name: scratch.backbone, predictions: scratch.predictions }] : []),
    { name: `${frozen.backbone}, frozen`, predictions: [frozen.predictions[0]!.map(Number)] }, // one fold: no row is without
  ];
  return {
    task: "finetune",
    ...setFacts(table),
    backbone: headline.backbone,
    embeddingDim: headline.embeddingDim,
    metric: "error",
    value: headline.value,
    interval: headline.interval,
    intervalUnit: problem.intervalUnit,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: seeds },
    numLayers: headline.numLayers,
    ...facts,
    classes: problem.classes,
    positiveClass,
    numTrain: rows.train.length,
    numValid: rows.valid.length,
    numTest: problem.testRows.length,
    exclusions: problem.exclusions,
    notes: [...problem.notes, ...validationNotes(facts.validation, rows)],
    protocolText: PROTOCOL_TEXT,
    points,
    scratch,
    ...(replicas.length > 0 ? { replicas, pretrainingSeeds: finetuneSeeds(parts, problem) } : {}),
    ...(dataQualityFlags ? { dataQualityFlags } : {}),
    floors: [scoreOnly(frozen), ...frozen.floors],
    comparisons: points.flatMap((point) => beside.map((other) => finetuneComparison(point, other, problem, seeds))),
    test: frozen.test,
  };
}

function validationNotes(validation: Validation, { valid }: LearningRows): string[] {
  return validation === "own" ? [`${valid.length} crops, marked "valid", chose the epoch.`] : [];
}

/** A record's score without what it says of the evaluation. */
function scoreOnly(record: ClassScore): ClassScore {
  const { backbone, embeddingDim, metric, value, interval, error } = record;
  const { probes, sgdPerSeed, numComponents, penalties, predictions } = record;
  return {
    ...{ backbone, embeddingDim, metric, value, interval, error },
    ...{ probes, sgdPerSeed, numComponents, penalties, predictions },
  };
}

// Fine-tuning as a task (paper appendix C.1, section 4.3): the last k layer groups trained, beside scratch and frozen probes.
import { sizeOf } from "#base/array";
import {
  backboneBuffers,
  backboneParameters,
  embeddingDimOf,
  layerGroups,
  type ParameterSpec,
  sampleParameters,
  supervisedParameters,
} from "#engine/nn";
import type { TrainableBackbone } from "#learn/embeddings/native";
import type { CropSet } from "#sky/survey";
import { type ClassOptions, type ClassProblem, classProblem } from "../../class-problem.ts";
import { evaluateClasses } from "../../classify.ts";
import type { ClassScore, FinetuneRecord, FinetuneScore } from "../../evaluation-record.ts";
import { type FinetuneFacts, finetuneComparison, finetuneScore } from "../finetune-score.ts";
import { cropPictures } from "../pictures.ts";
import { checkFinetuneSettings, checkNumLayers, type FinetuneRule, finetuneRule, scratchRule } from "../settings.ts";
import { type LearningRows, learningRows, type Validation } from "../validation.ts";
import { type FinetuneWork, type FittedNetwork, fitNetwork, type NetworkStart, numUpdatesOf, updateSize } from "./fit-network.ts";

export interface FinetuneOptions
  extends Omit<ClassOptions, "protocol" | "split" | "numRepeats" | "numFolds" | "probeSeeds">,
    Pick<FinetuneWork, "device" | "settings" | "onUpdate" | "signal"> {
  /** A split of one training part and one test part. */
  readonly split: "own" | "holdout";
  /** The set whose crops `table` and `floors` are of. */
  readonly cropSet: CropSet;
  readonly backbone: TrainableBackbone;
  /** Numbers of layer groups to train, from the head down; 0: the head alone. */
  readonly layers: readonly number[];
  /** Of training. */
  readonly seeds: readonly number[];
  /** Multiplies every peak learning rate. */
  readonly rateScale: number;
  readonly validation: Validation;
  /** Whether the same network is trained from scratch too. */
  readonly scratch: "trained" | "left out";
  /** Told once how many updates there will be. */
  readonly onStart?: (numUpdates: number) => void;
}

/** Untrained starts have other seeds than random:SHAPE, whose own may be the backbone in question. */
export const FIRST_SCRATCH_SEED = 1000;

const PROTOCOL_TEXT =
  "last k layer groups and a head d-hidden-n trained; AdamW 0.001 B/256, weight decay 0.05, rate times 0.75 for every group below " +
  "the uppermost, label smoothing 0.1; k = 0: the head alone, SGD momentum 0.9, 0.1 B/256; cosine to 0; pictures are the crop's " +
  "middle, turned by any angle and flipped while it learns; frozen layers normalise by their running averages; the last epoch, " +
  "or the one of the lowest validation loss among training rows; the test rows are used once. Scratch: the same network, " +
  "untrained at first, all groups trained at the full rate. Floors: exact linear probes of frozen embeddings";

/** Throws RangeError and ConfigError where classes, rows, the split, layers or sizes do not allow it; rejects when aborted. */
export async function evaluateFinetune(options: FinetuneOptions): Promise<FinetuneRecord> {
  const { table, backbone, cropSet, settings, seeds, splitSeed } = options;
  const numGroups = checkOptions(options);
  const classOptions: ClassOptions = { ...options, protocol: "paper", numRepeats: 1, numFolds: 1, probeSeeds: [0] };
  const problem = classProblem(classOptions);
  const fold = problem.repeats[0]![0]!;
  const rows = learningRows(problem, fold.train, options.validation);
  const layers = [...new Set(options.layers)].toSorted((a, b) => a - b);
  const numFits = seeds.length * (layers.length + (options.scratch === "trained" ? 1 : 0));
  options.onStart?.(numFits * numUpdatesOf(settings, rows.train.length));
  const work: FinetuneWork = {
    ...options,
    pictures: cropPictures(cropSet, settings),
    classOf: problem.classOf,
    numClasses: problem.classes.length,
  };
  const fit = (start: Omit<NetworkStart, "seed">, startOf: (seed: number) => TrainableBackbone, name: string) =>
    scoreOf({ ...options, work, problem, rows }, start, startOf, name);

  const batch = updateSize(settings, rows.train.length);
  const points: FinetuneScore[] = [];
  for (const numLayers of layers) {
    const rule = scaled(finetuneRule(numLayers, batch), options.rateScale);
    points.push(await fit({ backbone, numLayers, rule }, () => backbone, backbone.name));
  }
  const scratch =
    options.scratch === "trained"
      ? await fit(
          { backbone, numLayers: numGroups, rule: scaled(scratchRule(batch), options.rateScale) },
          (seed) => untrained(backbone, FIRST_SCRATCH_SEED + seed),
          `${backbone.name} from scratch`,
        )
      : null;
  // The linear probes are the same for any number of classes.
  const frozen = evaluateClasses("fr", classOptions);
  const floors = [scoreOnly(frozen), ...frozen.floors];
  const beside = [
    ...(scratch ? [{ name: scratch.backbone, predictions: scratch.predictions }] : []),
    { name: `${frozen.backbone}, frozen`, predictions: [frozen.predictions[0]!.map(Number)] }, // one fold: no row is without
  ];
  const headline = points.at(-1)!;
  return {
    task: "finetune",
    cropSetName: table.cropSetName,
    dataHash: table.cropSetSha256,
    backbone: headline.backbone,
    embeddingDim: headline.embeddingDim,
    metric: "error",
    value: headline.value,
    interval: headline.interval,
    intervalUnit: problem.intervalUnit,
    seeds: { split: splitSeed, bootstrap: splitSeed, probe: seeds },
    numLayers: headline.numLayers,
    numGroups,
    settings,
    split: options.split,
    validation: options.validation,
    classes: problem.classes,
    positiveClass: options.positiveClass,
    numTrain: rows.train.length,
    numValid: rows.valid.length,
    numTest: problem.testRows.length,
    exclusions: problem.exclusions,
    notes: problem.notes,
    protocolText: PROTOCOL_TEXT,
    points,
    scratch,
    floors,
    comparisons: points.flatMap((point) => beside.map((other) => finetuneComparison(point, other, problem, seeds))),
    test: frozen.test,
  };
}

/** The backbone's number of layer groups. Throws for what cannot be done, before anything is computed. */
function checkOptions({ layers, seeds, backbone, settings, cropSet, table }: FinetuneOptions): number {
  if (layers.length === 0) throw new RangeError("fine-tuning: expected at least one number of layers, got none.");
  if (seeds.length === 0) throw new RangeError("fine-tuning: expected at least one seed, got none.");
  for (const numLayers of layers) checkNumLayers(numLayers, backbone.config);
  checkFinetuneSettings(settings, backbone.config, cropSet.info.cropSize);
  if (table.cropSetSha256 !== cropSet.sha256)
    throw new RangeError(`fine-tuning: expected embeddings of the crop set "${cropSet.info.name}", got those of another set.`);
  return layerGroups(backbone.config).length;
}

interface Scoring extends Pick<FinetuneOptions, "seeds"> {
  readonly work: FinetuneWork;
  readonly problem: ClassProblem;
  readonly rows: LearningRows;
}

/** One network fitted with every seed. */
async function scoreOf(
  { seeds, work, problem, rows }: Scoring,
  start: Omit<NetworkStart, "seed">,
  startOf: (seed: number) => TrainableBackbone,
  name: string,
): Promise<FinetuneScore> {
  const fits: FittedNetwork[] = [];
  const onUpdate = (note: string) => work.onUpdate?.(`${name}, ${start.numLayers} layers: ${note}`);
  for (const seed of seeds) {
    const begun = { ...start, backbone: startOf(seed), seed };
    fits.push(await fitNetwork({ ...work, onUpdate }, begun, rows, problem.testRows));
  }
  const facts = factsOf(start, name, work, fits);
  return finetuneScore(
    facts,
    fits.map(({ predictions }) => predictions),
    problem,
  );
}

function factsOf(
  { backbone: { config }, numLayers, rule }: Omit<NetworkStart, "seed">,
  name: string,
  { settings: { hiddenDim }, numClasses }: FinetuneWork,
  fits: readonly FittedNetwork[],
): FinetuneFacts {
  const groups = layerGroups(config);
  const numFrozenGroups = groups.length - numLayers;
  const head = { hiddenDim, numOutputs: numClasses };
  const { trained } = supervisedParameters({ backbone: config, head, numFrozenGroups });
  return {
    backbone: name,
    embeddingDim: embeddingDimOf(config),
    numLayers,
    trainedGroups: groups.slice(numFrozenGroups).map((group) => group.name),
    numTrainedParameters: trained.reduce((sum: number, { shape }: ParameterSpec) => sum + sizeOf(shape), 0),
    rule,
    epochs: fits.map(({ epoch }) => epoch),
    trainLosses: fits.map(({ trainLosses }) => trainLosses),
    validLosses: fits.map(({ validLosses }) => validLosses),
  };
}

function scaled(rule: FinetuneRule, factor: number): FinetuneRule {
  return { ...rule, learningRate: rule.learningRate * factor };
}

/** The same network with first values of its own. */
export function untrained(backbone: TrainableBackbone, seed: number): TrainableBackbone {
  const { config } = backbone;
  return { ...backbone, arrays: sampleParameters([...backboneParameters(config), ...backboneBuffers(config)], seed) };
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

// One network fine-tuned from its start to its last epoch, or to the epoch that the validation rows choose.
import { cosineSchedule, layerGroups, type ParameterArrays, sampleParameters, supervisedParameters } from "#engine/nn";
import type { Device } from "#engine/runtime/native";
import type { TrainableBackbone } from "#learn/embeddings/native";
import type { FinetuneNetwork } from "../graphs.ts";
import { type CropPictures, epochBatches } from "../pictures.ts";
import type { FinetuneRule, FinetuneSettings } from "../settings.ts";
import type { LearningRows } from "../validation.ts";
import { type FinetuneSession, openFinetuneSession } from "./session.ts";

/** What networks of one evaluation share. */
export interface FinetuneWork {
  readonly device: Device;
  readonly settings: FinetuneSettings;
  readonly pictures: CropPictures;
  /** By row of the set. */
  readonly classOf: ArrayLike<number>;
  readonly numClasses: number;
  /** Told after every update; `note` says where training is. */
  readonly onUpdate?: (note: string) => void;
  /** Aborted: the fit under way rejects with the signal's reason after its update. */
  readonly signal?: AbortSignal;
}

/** One network to be trained. */
export interface NetworkStart {
  readonly backbone: TrainableBackbone;
  /** Layer groups that are trained, from the head down. */
  readonly numLayers: number;
  readonly rule: FinetuneRule;
  /** Of the head's first values, of the order of rows and of how pictures are turned. */
  readonly seed: number;
}

export interface FittedNetwork {
  /** Place in the classes of each row that was asked for. */
  readonly predictions: Uint32Array;
  /** Mean loss of each epoch's updates, in training form (smoothed labels, turned pictures). */
  readonly trainLosses: readonly number[];
  /** Mean cross-entropy of the validation rows after each epoch; empty without any. */
  readonly validLosses: readonly number[];
  /** The epoch that was taken, from 1 on. */
  readonly epoch: number;
}

/** Crops of an update: all where there are fewer than a batch. */
export function updateSize({ batchSize }: Pick<FinetuneSettings, "batchSize">, numRows: number): number {
  return Math.min(batchSize, numRows);
}

/** Updates of one fit. */
export function numUpdatesOf(settings: FinetuneSettings, numRows: number): number {
  return settings.numEpochs * Math.floor(numRows / updateSize(settings, numRows));
}

/** Trains on `rows` and predicts the classes of `asked`, once. Throws Error where the loss is not finite. */
export async function fitNetwork(
  work: FinetuneWork,
  start: NetworkStart,
  rows: LearningRows,
  asked: readonly number[],
): Promise<FittedNetwork> {
  const batchSize = updateSize(work.settings, rows.train.length);
  const { network, arrays } = networkOf(work, start);
  const session = await openFinetuneSession(work.device, network, start.rule, { batchSize, arrays });
  try {
    const trained = await trainedEpochs(work, start, rows, { session, batchSize });
    const logits = await logitsOf(work, asked, { session, batchSize });
    return { ...trained, predictions: largestColumns(logits, work.numClasses) };
  } finally {
    session.close();
  }
}

function networkOf(
  { settings, numClasses }: FinetuneWork,
  { backbone, numLayers, seed }: NetworkStart,
): { readonly network: FinetuneNetwork; readonly arrays: ParameterArrays } {
  const numFrozenGroups = layerGroups(backbone.config).length - numLayers;
  const head = { hiddenDim: settings.hiddenDim, numOutputs: numClasses };
  const supervised = { backbone: backbone.config, head, numFrozenGroups };
  const { trained, frozen, frozenBuffers } = supervisedParameters(supervised);
  const ofHead = trained.filter(({ name }) => name.startsWith("head."));
  return {
    network: {
      supervised,
      frozen: new Map([...frozen, ...frozenBuffers].map(({ name }) => [name, backbone.arrays.get(name)!])), // loadWeights saw to it
      inputSize: settings.inputSize,
      toInput: backbone.toInput,
    },
    arrays: new Map([...backbone.arrays, ...sampleParameters(ofHead, seed)]),
  };
}

interface OpenNetwork {
  readonly session: FinetuneSession;
  readonly batchSize: number;
}

async function trainedEpochs(
  work: FinetuneWork,
  start: NetworkStart,
  rows: LearningRows,
  open: OpenNetwork,
): Promise<Pick<FittedNetwork, "trainLosses" | "validLosses" | "epoch">> {
  const { numEpochs } = work.settings;
  const numSteps = numUpdatesOf(work.settings, rows.train.length);
  const learningRateAt = cosineSchedule({ start: start.rule.learningRate, end: 0, numSteps });
  const trainLosses: number[] = [];
  const validLosses: number[] = [];
  let best: { readonly epoch: number; readonly loss: number; readonly learnt: ParameterArrays } | undefined;
  for (let epoch = 1; epoch <= numEpochs; epoch++) {
    trainLosses.push(await trainedEpoch(work, start, { rows: rows.train, epoch, learningRateAt }, open));
    if (rows.valid.length === 0) continue;
    const loss = meanCrossEntropy(await logitsOf(work, rows.valid, open), rows.valid, work);
    validLosses.push(loss);
    if (!best || loss < best.loss) best = { epoch, loss, learnt: await open.session.learnt() };
  }
  if (best) await open.session.restore(best.learnt);
  return { trainLosses, validLosses, epoch: best?.epoch ?? numEpochs };
}

interface EpochPlan {
  readonly rows: readonly number[];
  readonly epoch: number;
  readonly learningRateAt: (step: number) => number;
}

/** The mean loss of an epoch's updates. */
async function trainedEpoch(
  { pictures, classOf, settings, onUpdate, signal }: FinetuneWork,
  { numLayers, seed }: NetworkStart,
  { rows, epoch, learningRateAt }: EpochPlan,
  { session, batchSize }: OpenNetwork,
): Promise<number> {
  const batches = epochBatches(rows, batchSize, { seed, epoch }).map((batch) => ({
    classes: batch.map((row) => classOf[row]!),
    make: () => pictures.augmented(batch, { seed, epoch }),
  }));
  const losses: number[] = [];
  let upcoming = batches[0]!.make(); // a batch is never larger than the rows
  for (const [index, { classes }] of batches.entries()) {
    const step = (epoch - 1) * batches.length + index;
    const under = session.update({ pictures: upcoming, classes }, learningRateAt(step));
    // Made while the device computes.
    const next = batches[index + 1]?.make();
    const loss = await under;
    if (!Number.isFinite(loss)) {
      throw new Error(
        `fine-tuning: the last ${numLayers} layer groups, seed ${seed}, epoch ${epoch} of ${settings.numEpochs}: the loss is ${loss}. Lower the rate with --rate-scale 0.1.`,
      );
    }
    losses.push(loss);
    onUpdate?.(`epoch ${epoch}/${settings.numEpochs}, loss ${loss.toFixed(3)}`);
    signal?.throwIfAborted();
    if (next) upcoming = next;
  }
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** Logits of rows, [rows, K]. Throws Error where one is not finite: the last update went too far. */
async function logitsOf(
  { pictures, numClasses, settings: { inputSize } }: FinetuneWork,
  rows: readonly number[],
  { session, batchSize }: OpenNetwork,
): Promise<Float32Array> {
  const logits = new Float32Array(rows.length * numClasses);
  for (let start = 0; start < rows.length; start += batchSize) {
    const part = rows.slice(start, start + batchSize);
    // The graph's batch is fixed: what is missing of the last one stays black, and no row minds another.
    const padded = new Float32Array(batchSize * inputSize ** 2);
    padded.set(pictures.plain(part));
    logits.set((await session.logits(padded)).subarray(0, part.length * numClasses), start * numClasses);
  }
  if (!logits.every(Number.isFinite))
    throw new Error("fine-tuning: the network's predictions are not finite. Lower the rate with --rate-scale 0.1.");
  return logits;
}

function largestColumns(logits: Float32Array, numClasses: number): Uint32Array {
  return Uint32Array.from({ length: logits.length / numClasses }, (_, row) => {
    const scores = logits.subarray(row * numClasses, (row + 1) * numClasses);
    return scores.indexOf(Math.max(...scores));
  });
}

function meanCrossEntropy(logits: Float32Array, rows: readonly number[], { classOf, numClasses }: FinetuneWork): number {
  const losses = rows.map((row, place) => {
    const scores = logits.subarray(place * numClasses, (place + 1) * numClasses);
    const most = Math.max(...scores);
    const sum = scores.reduce((total, score) => total + Math.exp(score - most), 0);
    return most + Math.log(sum) - scores[classOf[row]!]!;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

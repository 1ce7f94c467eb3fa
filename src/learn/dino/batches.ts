// Which crops make up each batch, and everything random that goes with them.
import { type NdArray, ndArray, randomFor } from "#base/array";
import { ConfigError } from "#base/config";
import { numDroppableBlocks } from "#engine/nn";
import type { CropSet } from "#sky/survey";
import type { CropPixels, ViewBatch } from "#sky/views";
import { checkDinoConfig, type DinoConfig, hasDropPath } from "./config.ts";
import { sampleDropPathScales } from "./drop-path.ts";
import type { StepBatch } from "./view-passes.ts";

/** The rows of a crop set that training may see: all but those set aside for testing. */
export function trainingRows({ records }: CropSet): number[] {
  return records.flatMap((record, index) => (record.split === "test" ? [] : [index]));
}

/** Optimiser steps in an epoch: whole ones only, as DINO drops the last crops. Throws ConfigError where there is not even one. */
export function stepsPerEpochOf({ batchSize, numAccumulatedBatches }: DinoConfig, numRows: number): number {
  const cropsPerStep = batchSize * numAccumulatedBatches;
  if (numRows < cropsPerStep) {
    const advice = numRows === 0 ? 'Crops whose split is "test" are never trained on' : "Lower batchSize";
    throw new ConfigError(
      `train: expected at least the ${cropsPerStep} crops of one step (batchSize ${batchSize} x numAccumulatedBatches ` +
        `${numAccumulatedBatches}), got a crop set with ${numRows} to train on. ${advice}.`,
    );
  }
  return Math.floor(numRows / cropsPerStep);
}

/** What a training will see, before any run folder is made for it. Throws ConfigError or ShapeError where it cannot be. */
export function checkTraining(
  cropSet: CropSet,
  config: DinoConfig,
): { readonly rows: readonly number[]; readonly stepsPerEpoch: number } {
  checkDinoConfig(config);
  const rows = trainingRows(cropSet);
  return { rows, stepsPerEpoch: stepsPerEpochOf(config, rows.length) };
}

/** The crops of one step, batch by batch: a new order each epoch, from (seed, epoch) alone. */
export function stepRows(config: DinoConfig, rows: readonly number[], epoch: number, stepInEpoch: number): number[][] {
  const order = randomFor(config.seed, "epoch order", epoch).permutation(rows.length);
  const first = stepInEpoch * config.batchSize * config.numAccumulatedBatches;
  return Array.from({ length: config.numAccumulatedBatches }, (_, batch) => {
    const start = first + batch * config.batchSize;
    return Array.from(order.subarray(start, start + config.batchSize), (position) => rows[position]!);
  });
}

/** One crop as the view workers want it. */
export function cropPixels(cropSet: CropSet, index: number): CropPixels {
  const record = cropSet.records[index];
  if (!record)
    throw new RangeError(`crop set ${cropSet.info.name}: expected a row below ${cropSet.records.length}, got ${index}.`);
  const { cropSize, storedSize } = cropSet.info;
  const { id, lowFlux, highFlux } = record;
  return { id, index, pixels: cropSet.pixelsOf(index), size: storedSize, cropSize, lowFlux, highFlux };
}

/** Views as a step takes them, with the drop-path draws of the same crops. */
export function stepBatch(config: DinoConfig, views: ViewBatch, cropIndices: readonly number[], epoch: number): StepBatch {
  const { numGlobalViews: G, numLocalViews: L, globalViewSize, localViewSize } = config.views;
  const { imageChannels } = config.backbone;
  const depth = numDroppableBlocks(config.backbone);
  const draw = { seed: config.seed, epoch, cropIndices, depth, dropPathRate: config.dropPathRate };
  const images = (data: Float32Array, numViews: number, size: number): NdArray<"float32"> =>
    ndArray("float32", [numViews * cropIndices.length, imageChannels, size, size], data);
  const batch = new Map([["globalViews", images(views.globalViews, G, globalViewSize)]]);
  if (L > 0) batch.set("localViews", images(views.localViews, L, localViewSize));
  if (!hasDropPath(config)) return batch;
  batch.set("globalDropPath", sampleDropPathScales({ ...draw, firstView: 0, numViews: G }));
  if (L > 0) batch.set("localDropPath", sampleDropPathScales({ ...draw, firstView: G, numViews: L }));
  return batch;
}

// All views of one crop, and their places in a batch of crops.
import { randomFor } from "#base/array";
import { type CropPixels, stretchCrop } from "./crop-pixels.ts";
import { renderView } from "./render-view.ts";
import type { ViewConfig } from "./view-config.ts";
import { sampleViewParameters } from "./view-parameters.ts";

/** Where the draws of a crop's views come from, beside its row in the crop set. */
export interface ViewDraw {
  readonly seed: number;
  readonly epoch: number;
}

/** Views of one crop: globalViews [G, s, s] and localViews [L, s, s], each kind with its own s; values in [0, 1]. */
export interface CropViews {
  readonly globalViews: Float32Array;
  readonly localViews: Float32Array;
}

/** Views of B crops, view-major: globalViews [G, B, s, s] and localViews [L, B, s, s]. */
export interface ViewBatch {
  readonly globalViews: Float32Array;
  readonly localViews: Float32Array;
}

/**
 * Draws the views of a crop. View v (global ones first) depends on (seed, epoch, crop.index, v) and the configuration alone.
 * Throws RangeError that names the crop where it cannot be used.
 */
export function sampleViews(crop: CropPixels, config: ViewConfig, { seed, epoch }: ViewDraw): CropViews {
  const { numGlobalViews, numLocalViews } = config;
  const stretched = stretchCrop(crop);
  const viewAt = (view: number) => {
    const random = randomFor(seed, "views", epoch, crop.index, view);
    return renderView(stretched, sampleViewParameters(config, view, crop.cropSize, random)).pixels;
  };
  const views = emptyBatch(config, 1);
  for (let row = 0; row < numGlobalViews; row++) views.globalViews.set(viewAt(row), row * config.globalViewSize ** 2);
  for (let row = 0; row < numLocalViews; row++)
    views.localViews.set(viewAt(numGlobalViews + row), row * config.localViewSize ** 2);
  return views;
}

/** A batch of zeros for this many crops. */
export function emptyBatch(config: ViewConfig, numCrops: number): ViewBatch {
  const { numGlobalViews, globalViewSize, numLocalViews, localViewSize } = config;
  return {
    globalViews: new Float32Array(numGlobalViews * numCrops * globalViewSize ** 2),
    localViews: new Float32Array(numLocalViews * numCrops * localViewSize ** 2),
  };
}

/** Copies one crop's views of one kind, [V, s, s], to the crop's place in [V, numCrops, s, s]. */
export function placeViews(batch: Float32Array, views: Float32Array, numViews: number, place: number): void {
  const length = views.length / numViews;
  const numCrops = batch.length / views.length;
  for (let view = 0; view < numViews; view++) {
    batch.set(views.subarray(view * length, (view + 1) * length), (view * numCrops + place) * length);
  }
}

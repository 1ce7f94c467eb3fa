// The certain part of a view: the crop and drawn parameters in, pixels out (the order of operations: docs/decisions/views.md).
import { type Box, filterReach, flipHorizontally, gaussianBlur, type Image, resample, rotate } from "#base/image";
import type { StretchedCrop } from "./crop-pixels.ts";
import type { ViewParameters } from "./view-parameters.ts";

/** The filter of every view: bicubic, antialiased (paper section 3.1.1, from DINO). */
const VIEW_FILTER = "bicubic";

/**
 * One view, [viewSize, viewSize], values in [0, 1]: rotate, cut out and resize, flip, blur, clip, power law.
 * A rotation turns the margin in; what is missing even so (no margin, or one below 0.21 of the crop) is the stored square
 * mirrored at its edge. The clip takes off the bicubic filter's overshoot before the power law, which knows [0, 1] only.
 */
export function renderView(crop: StretchedCrop, parameters: ViewParameters): Image {
  const { viewSize, isFlipped, blurSigma, powerLawExponent } = parameters;
  const resized = parameters.rotationDeg === 0 ? resizedBox(crop.inner, parameters.box, viewSize) : turnedBox(crop, parameters);
  const flipped = isFlipped ? flipHorizontally(resized) : resized;
  const blurred = blurSigma > 0 ? gaussianBlur(flipped, blurSigma) : flipped;
  return { height: viewSize, width: viewSize, pixels: powerLaw(blurred.pixels, powerLawExponent) };
}

function resizedBox(image: Image, box: Box, viewSize: number): Image {
  return resample(image, box, viewSize, viewSize, VIEW_FILTER);
}

/** The box of the turned crop. Only the pixels that the filter will read are turned. */
function turnedBox({ stored, inner, margin }: StretchedCrop, { box, viewSize, rotationDeg }: ViewParameters): Image {
  const rows = readRange(box.y0, box.y1, viewSize, inner.height);
  const columns = readRange(box.x0, box.x1, viewSize, inner.width);
  const window = {
    y0: margin + rows.start,
    x0: margin + columns.start,
    height: rows.end - rows.start,
    width: columns.end - columns.start,
  };
  const shifted = {
    y0: box.y0 - rows.start,
    x0: box.x0 - columns.start,
    y1: box.y1 - rows.start,
    x1: box.x1 - columns.start,
  };
  return resizedBox(rotate(stored, rotationDeg, window), shifted, viewSize);
}

/** The whole pixels of an axis that the filter reads for [start, end); cut at the crop's edge, as the filter itself is. */
function readRange(start: number, end: number, viewSize: number, size: number): { readonly start: number; readonly end: number } {
  const reach = Math.ceil(filterReach(VIEW_FILTER, (end - start) / viewSize)) + 1;
  return { start: Math.max(0, Math.floor(start) - reach), end: Math.min(size, Math.ceil(end) + reach) };
}

/** Values clipped to [0, 1] and raised to `exponent`. Exp of log: Math.pow takes three times as long; log 0 is -Infinity, its exp 0. */
function powerLaw(values: Float32Array, exponent: number): Float32Array {
  const scaled = new Float32Array(values.length);
  for (let index = 0; index < values.length; index++) scaled[index] = Math.min(Math.max(values[index]!, 0), 1);
  if (exponent === 1) return scaled;
  for (let index = 0; index < values.length; index++) scaled[index] = Math.exp(exponent * Math.log(scaled[index]!));
  return scaled;
}

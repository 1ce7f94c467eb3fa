// Cases that PIL and scipy have worked out (test/reference/image_operations.py), and the same by our own functions.
import type { NdArray } from "#base/array";
import type { Safetensors } from "#base/files";
import { type Box, gaussianBlur, type Image, imageOf, type ResampleFilter, resample, rotate } from "#base/image";

interface Named {
  readonly name: string;
  /** The tensor it starts from. */
  readonly image: string;
}

export type ImageCase = Named &
  (
    | {
        readonly operation: "resample";
        readonly box: Box;
        readonly height: number;
        readonly width: number;
        readonly filter: ResampleFilter;
      }
    | { readonly operation: "blur"; readonly sigmaPixels: number }
    | { readonly operation: "rotate"; readonly angleDeg: number }
  );

/** What our functions make of a case. */
export function resultOf(imageCase: ImageCase, tensors: ReadonlyMap<string, NdArray>): Image {
  const image = imageFrom(tensors, imageCase.image);
  switch (imageCase.operation) {
    case "resample":
      return resample(image, imageCase.box, imageCase.height, imageCase.width, imageCase.filter);
    case "blur":
      return gaussianBlur(image, imageCase.sigmaPixels);
    case "rotate":
      return rotate(image, imageCase.angleDeg);
  }
}

/** The cases that a file's metadata lists. */
export function casesIn<Case>({ metadata }: Safetensors): Case[] {
  return JSON.parse(metadata["cases"]!) as Case[];
}

/** A [height, width] float32 tensor as an image. */
export function imageFrom(tensors: ReadonlyMap<string, NdArray>, name: string): Image {
  const { shape, data } = tensors.get(name)!;
  return imageOf(shape[0]!, shape[1]!, data as Float32Array);
}

/** The largest difference between two images of one size; Infinity where a pixel is NaN. */
export function largestDifference(got: Image, wanted: Image): number {
  if (got.height !== wanted.height || got.width !== wanted.width) return Number.POSITIVE_INFINITY;
  let largest = 0;
  got.pixels.forEach((value, index) => {
    const difference = Math.abs(value - wanted.pixels[index]!);
    largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference);
  });
  return largest;
}

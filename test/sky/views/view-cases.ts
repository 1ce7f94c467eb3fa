// Views that PIL and scipy have worked out (test/reference/image_operations.py), and the same by our own functions.
import type { NdArray } from "#base/array";
import type { Image } from "#base/image";
import { renderView, stretchCrop, type ViewParameters } from "#sky/views";
import { imageFrom } from "../../base/image/image-cases.ts";

export interface ViewCase {
  readonly name: string;
  /** The tensor that holds the stored square. */
  readonly image: string;
  readonly operation: "view";
  readonly cropSize: number;
  readonly lowFlux: number;
  readonly highFlux: number;
  readonly parameters: ViewParameters;
}

/** What our functions make of a case. */
export function viewOf(
  { image, name, cropSize, lowFlux, highFlux, parameters }: ViewCase,
  tensors: ReadonlyMap<string, NdArray>,
): Image {
  const { pixels, height } = imageFrom(tensors, image);
  return renderView(stretchCrop({ id: name, index: 0, pixels, size: height, cropSize, lowFlux, highFlux }), parameters);
}

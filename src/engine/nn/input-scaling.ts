// What a backbone does to its pictures before anything else: a mean off, a spread to one.
import { div, named, sub, type Tensor } from "#engine/graph";

export interface InputScaling {
  /** Default 0. */
  readonly inputMean?: number | undefined;
  /** Default 1. */
  readonly inputStd?: number | undefined;
}

/** (images - mean) / std: the pictures themselves where neither is set. */
export function standardised(images: Tensor<"B C H W">, { inputMean = 0, inputStd = 1 }: InputScaling): Tensor<"B C H W"> {
  if (inputMean === 0 && inputStd === 1) return images;
  return named(div(sub(images, inputMean), inputStd), "B C H W", "standardised");
}

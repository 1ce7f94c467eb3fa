// A batch of large pictures goes through a Vision Transformer in several passes, for the processor's cache.
import { concat, named, split, type Tensor } from "#engine/graph";
import type { ParameterTensors } from "./parameters.ts";
import { type VitOptions, vit } from "./vit.ts";
import { numTokensBeforePatches, type VitConfig } from "./vit-config.ts";

/** A pass's attention matrices have at most so many numbers: 16 MB. docs/decisions/training-step-forms.md has what was measured. */
const MOST_WEIGHTS = 2 ** 22;

/** How many images of a size go through together: one at least. */
export function numImagesPerPass(config: VitConfig, height: number, width: number): number {
  const numTokens = numTokensBeforePatches(config) + (height / config.patchSize) * (width / config.patchSize);
  return Math.max(1, Math.floor(MOST_WEIGHTS / (config.numHeads * numTokens ** 2)));
}

/** As `vit`: no image minds another, so the embeddings and every gradient are those of one pass. */
export function vitInPasses(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: VitConfig,
  { dropPathScales, ...options }: VitOptions = {},
): Tensor<"R D"> {
  const [numImages, , height, width] = images.shape as readonly [number, number, number, number];
  const perPass = numImagesPerPass(config, height, width);
  if (numImages <= perPass) {
    return vit(images, parameters, config, dropPathScales ? { ...options, dropPathScales } : options).embedding;
  }
  const sizes = Array.from({ length: Math.ceil(numImages / perPass) }, (_, pass) =>
    Math.min(perPass, numImages - pass * perPass),
  );
  const scales = dropPathScales ? split(dropPathScales, sizes, 1) : [];
  const embeddings = split(images, sizes, 0).map((part, pass) => {
    const ofPass = scales[pass] ? { dropPathScales: named(scales[pass], "R B", "vitInPasses") } : {};
    return vit(named(part, "B C H W", "vitInPasses"), parameters, config, { ...options, ...ofPass }).embedding;
  });
  return named(concat(embeddings, 0), "R D", "vitInPasses");
}

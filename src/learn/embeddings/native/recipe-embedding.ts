// A network of others with the input that it was made for, as one graph: grey pictures in [0, 1] in, embeddings out.
import { float32 } from "#base/array";
import { ConfigError } from "#base/config";
import { concat, div, graphOf, named, sub, type Tensor } from "#engine/graph";
import { type FrozenOptions, firstKernels, frozenBackbone, kernelsForChannels } from "#engine/nn";
import type { InputRecipe } from "#learn/runs";
import { greyWeights } from "./grey-weights.ts";
import type { BackboneWeights } from "./weights.ts";

/**
 * Images [B, 1, H, W] to embeddings. Where a recipe has a mean or spread of its own for each channel, the picture is repeated in
 * every channel inside the graph; else the kernels of the channels are summed, which is the same and quicker. Throws ConfigError
 * where a recipe has means for another number of channels.
 */
export function recipeEmbedding(
  images: Tensor<"B C H W">,
  weights: BackboneWeights,
  recipe: InputRecipe,
  options: FrozenOptions = {},
): Tensor<"R D"> {
  const { name, config, arrays } = withChannels(weights, recipe.channels ?? weights.config.imageChannels);
  const numChannels = config.imageChannels;
  const mean = equalOr(recipe.mean, numChannels, `${name}: input: mean`);
  const std = equalOr(recipe.std, numChannels, `${name}: input: std`);
  if (typeof mean !== "object" && typeof std !== "object") {
    const scaled = {
      ...config,
      ...(mean === undefined ? {} : { inputMean: mean }),
      ...(std === undefined ? {} : { inputStd: std }),
    };
    const grey = greyWeights({ name, config: scaled, arrays });
    return frozenBackbone(images, grey.arrays, grey.config, options);
  }
  const repeated = concat(new Array<Tensor>(numChannels).fill(images), 1);
  const shifted = sub(repeated, channelConstant(images, mean ?? config.inputMean ?? 0));
  const colour = named(div(shifted, channelConstant(images, std ?? config.inputStd ?? 1)), "B C H W", "recipeEmbedding");
  return frozenBackbone(colour, arrays, { ...config, inputMean: 0, inputStd: 1 }, options);
}

function withChannels(weights: BackboneWeights, imageChannels: number): BackboneWeights {
  const { config, arrays } = weights;
  if (config.imageChannels === imageChannels) return weights;
  const first = firstKernels(config);
  const kernels = kernelsForChannels(arrays.get(first)!, imageChannels); // every network has it: loadWeights saw to it
  return { ...weights, config: { ...config, imageChannels }, arrays: new Map(arrays).set(first, kernels) };
}

/** One number where all channels have the same. */
function equalOr(values: InputRecipe["mean"], numChannels: number, where: string): number | readonly number[] | undefined {
  if (typeof values !== "object") return values;
  if (values.length !== numChannels && values.length !== 1)
    throw new ConfigError(`backbone ${where}: expected one number or ${numChannels}, one a channel, got ${values.length}.`);
  return values.every((value) => value === values[0]) ? values[0] : values;
}

/** [1, C, 1, 1], or a number for all channels. */
function channelConstant(images: Tensor, values: number | readonly number[]): Tensor | number {
  return typeof values === "number" ? values : graphOf(images).constant(float32([1, values.length, 1, 1], values));
}

// A network of others with the input that it was made for: what its weights become, and what a grey picture becomes.
import { float32 } from "#base/array";
import { ConfigError } from "#base/config";
import { concat, div, graphOf, named, sub, type Tensor } from "#engine/graph";
import { firstKernels, kernelsForChannels } from "#engine/nn";
import type { InputRecipe } from "#learn/runs";
import { greyWeights } from "./grey-weights.ts";
import type { BackboneWeights } from "./weights.ts";

export interface RecipeNetwork {
  readonly weights: BackboneWeights;
  /** Grey pictures [B, 1, H, W] in [0, 1] to what the weights take. */
  readonly toInput: (images: Tensor<"B C H W">) => Tensor<"B C H W">;
}

/**
 * Where a recipe has a mean or spread of its own for each channel, the picture is repeated in every channel inside the graph; else
 * the kernels of the channels are summed, which is the same and quicker. Throws ConfigError where a recipe has means for another
 * number of channels.
 */
export function recipeNetwork(weights: BackboneWeights, recipe: InputRecipe): RecipeNetwork {
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
    return { weights: greyWeights({ name, config: scaled, arrays }), toInput: (images) => images };
  }
  return {
    weights: { name, config: { ...config, inputMean: 0, inputStd: 1 }, arrays },
    toInput: (images) => {
      const repeated = concat(new Array<Tensor>(numChannels).fill(images), 1);
      const shifted = sub(repeated, channelConstant(images, mean ?? config.inputMean ?? 0));
      return named(div(shifted, channelConstant(images, std ?? config.inputStd ?? 1)), "B C H W", "recipeNetwork");
    },
  };
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

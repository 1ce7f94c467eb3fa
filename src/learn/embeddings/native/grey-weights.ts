// Networks of colour pictures, made to look at grey ones: crops have one channel.
import { firstKernels, kernelsForChannels } from "#engine/nn";
import type { BackboneWeights } from "./weights.ts";

/** The same network for pictures of one channel. A network of one channel stays as it is. */
export function greyWeights(weights: BackboneWeights): BackboneWeights {
  const { config, arrays } = weights;
  if (config.imageChannels === 1) return weights;
  const first = firstKernels(config);
  const grey = new Map(arrays).set(first, kernelsForChannels(arrays.get(first)!, 1)); // every network has it: loadWeights saw to it
  return { ...weights, config: { ...config, imageChannels: 1 }, arrays: grey };
}

// Networks of colour pictures, made to look at grey ones: crops have one channel.
import { type NdArray, ndArray } from "#base/array";
import { isResnet } from "#engine/nn";
import type { BackboneWeights } from "./weights.ts";

/**
 * The same network for pictures of one channel: the first layer's kernels are summed over their channels, which is exactly what
 * the network makes of a grey picture repeated in every channel. A network of one channel stays as it is.
 */
export function greyWeights(weights: BackboneWeights): BackboneWeights {
  const { config, arrays } = weights;
  if (config.imageChannels === 1) return weights;
  const first = isResnet(config) ? "conv1.weight" : "patch_embed.proj.weight";
  const grey = new Map(arrays);
  grey.set(first, summedChannels(arrays.get(first)!)); // every network of either kind has it: loadWeights saw to it
  return { ...weights, config: { ...config, imageChannels: 1 }, arrays: grey };
}

/** [M, C, kh, kw] -> [M, 1, kh, kw]. */
function summedChannels({ shape, data }: NdArray<"float32">): NdArray<"float32"> {
  const [numOutputs, numChannels, height, width] = shape as [number, number, number, number];
  const size = height * width;
  const sums = new Float32Array(numOutputs * size);
  for (let output = 0; output < numOutputs; output++) {
    for (let channel = 0; channel < numChannels; channel++) {
      const from = (output * numChannels + channel) * size;
      for (let tap = 0; tap < size; tap++) sums[output * size + tap]! += data[from + tap]!;
    }
  }
  return ndArray("float32", [numOutputs, 1, height, width], sums);
}

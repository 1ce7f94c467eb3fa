// What each head of the last block looks at from the class token (paper section 3.3, Figure 7).
import { ndArray } from "#base/array";
import { ConfigError } from "#base/config";
import { Graph, named } from "#engine/graph";
import { isVit, kindName, numTokensBeforePatches, parameterConstants, type VitConfig, vit } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { findBackbone } from "#learn/runs/disk";
import { greyWeights } from "./grey-weights.ts";
import { loadWeights } from "./weights.ts";

/** `maps` [numHeads, gridSide, gridSide]: attention of the class token to each patch; what it pays itself and the registers is left out. */
export interface AttentionMaps {
  readonly numHeads: number;
  readonly gridSide: number;
  readonly maps: Float32Array;
}

/** Attention of one picture [inputSize, inputSize], values in [0, 1]. Throws ConfigError for a backbone without attention. */
export async function attentionMaps(text: string, picture: Float32Array): Promise<AttentionMaps> {
  const found = findBackbone(text);
  if (found.kind === "floor")
    throw new ConfigError(`--backbone ${text}: expected a Vision Transformer, got a floor, which has no attention.`);
  const { config, arrays } = greyWeights(loadWeights(found));
  if (!isVit(config))
    throw new ConfigError(`--backbone ${text}: expected a Vision Transformer, got ${kindName(config)}, which has no attention.`);
  const inputSize = Math.sqrt(picture.length);
  const graph = new Graph("attention");
  const images = named(graph.input("images", [1, 1, inputSize, inputSize]), "B C H W", "images");
  graph.output("attention", vit(images, parameterConstants(graph, arrays), config).lastAttention);
  const device = openDevice({ device: "cpu" });
  try {
    const session = device.open(graph);
    const output = await session.run(new Map([["images", ndArray("float32", images.shape, picture)]]));
    session.close();
    return ofPatchesAlone(output.get("attention")!.data as Float32Array, config, inputSize / config.patchSize);
  } finally {
    device.close();
  }
}

/** [heads, 1, before + grid^2], the class token and the registers before the patches -> [heads, grid, grid]. */
function ofPatchesAlone(attention: Float32Array, config: VitConfig, gridSide: number): AttentionMaps {
  const { numHeads } = config;
  const numBefore = numTokensBeforePatches(config);
  const numPatches = gridSide * gridSide;
  const maps = new Float32Array(numHeads * numPatches);
  for (let head = 0; head < numHeads; head++) {
    const start = head * (numBefore + numPatches) + numBefore;
    maps.set(attention.subarray(start, start + numPatches), head * numPatches);
  }
  return { numHeads, gridSide, maps };
}

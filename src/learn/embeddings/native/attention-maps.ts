// What each head of the last block looks at from the class token, and what it has seen through all blocks (paper section 3.3, Figure 7).
import { ndArray } from "#base/array";
import { ConfigError } from "#base/config";
import { Graph, graphOf, named, reduceMean, type Tensor } from "#engine/graph";
import {
  attention,
  classAttention,
  isVit,
  kindName,
  numTokensBeforePatches,
  type ParameterArrays,
  parameterConstants,
  type VitConfig,
  vit,
  vitWith,
} from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { findBackbone } from "#learn/runs/disk";
import { attentionRollout } from "../attention-rollout.ts";
import { greyWeights } from "./grey-weights.ts";
import { loadWeights } from "./weights.ts";

/** `maps` [numHeads, gridSide, gridSide]: attention of the class token to each patch; what it pays itself and the registers is left out. */
export interface AttentionMaps {
  readonly numHeads: number;
  readonly gridSide: number;
  readonly maps: Float32Array;
}

/** Also [gridSide, gridSide]: through all blocks, with the residual branches (see attentionRollout). */
export interface AttentionMapsWithRollout extends AttentionMaps {
  readonly rollout: Float32Array;
}

/** Attention of one picture [inputSize, inputSize], values in [0, 1]. Throws ConfigError for a backbone without attention. */
export async function attentionMaps(text: string, picture: Float32Array): Promise<AttentionMaps> {
  const { config, arrays } = attentiveWeights(text);
  const { inputSize, outputs } = await lookedAt(picture, (images) => {
    const { lastAttention } = vit(images, parameterConstants(graphOf(images), arrays), config);
    return new Map([["last", lastAttention]]);
  });
  return ofPatchesAlone(outputs.get("last")!, config, inputSize / config.patchSize);
}

/** The same with what reaches the class token through all blocks. Memory: [tokens, tokens] in float32 for each block. */
export async function attentionMapsWithRollout(text: string, picture: Float32Array): Promise<AttentionMapsWithRollout> {
  const { config, arrays } = attentiveWeights(text);
  const { inputSize, outputs } = await lookedAt(picture, (images) => {
    const parameters = parameterConstants(graphOf(images), arrays);
    const seen = new Map<string, Tensor>();
    const forms = {
      all: (rows: Tensor<"R D">, name: string, layout: Parameters<typeof attention>[3]) => {
        const attended = attention(rows, parameters, name, layout, config.numHeads);
        seen.set(name, reduceMean(attended.weights, [1]));
        return attended.rows;
      },
      ofClass: (rows: Tensor<"R D">, name: string, layout: Parameters<typeof attention>[3]) =>
        classAttention(rows, parameters, name, layout, config.numHeads),
    };
    const { last } = vitWith(forms, images, parameters, config);
    return new Map([...seen, ["last", last.weights]]);
  });
  const maps = ofPatchesAlone(outputs.get("last")!, config, inputSize / config.patchSize);
  const numBefore = numTokensBeforePatches(config);
  const blocks = [...outputs].filter(([name]) => name !== "last").map(([, values]) => values);
  const rolled = attentionRollout(blocks, meanOverHeads(outputs.get("last")!, config.numHeads));
  return { ...maps, rollout: Float32Array.from(rolled.subarray(numBefore)) };
}

/** Throws ConfigError for a backbone without attention. */
function attentiveWeights(text: string): { readonly config: VitConfig; readonly arrays: ParameterArrays } {
  const found = findBackbone(text);
  if (found.kind === "floor")
    throw new ConfigError(`--backbone ${text}: expected a Vision Transformer, got a floor, which has no attention.`);
  const { config, arrays } = greyWeights(loadWeights(found));
  if (!isVit(config))
    throw new ConfigError(`--backbone ${text}: expected a Vision Transformer, got ${kindName(config)}, which has no attention.`);
  return { config, arrays };
}

/** Runs a graph over one picture; `build` names its outputs. */
async function lookedAt(
  picture: Float32Array,
  build: (images: Tensor<"B C H W">) => ReadonlyMap<string, Tensor>,
): Promise<{ readonly inputSize: number; readonly outputs: ReadonlyMap<string, Float32Array> }> {
  const inputSize = Math.sqrt(picture.length);
  const graph = new Graph("attention");
  const images = named(graph.input("images", [1, 1, inputSize, inputSize]), "B C H W", "images");
  for (const [name, tensor] of build(images)) graph.output(name, tensor);
  const device = openDevice({ device: "cpu" });
  try {
    const session = device.open(graph);
    const outputs = await session.run(new Map([["images", ndArray("float32", images.shape, picture)]]));
    session.close();
    return { inputSize, outputs: new Map([...outputs].map(([name, { data }]) => [name, data as Float32Array])) }; // the graph is float32
  } finally {
    device.close();
  }
}

/** [heads, 1, before + grid^2], the class token and the registers before the patches -> [heads, grid, grid]. */
function ofPatchesAlone(weights: Float32Array, config: VitConfig, gridSide: number): AttentionMaps {
  const { numHeads } = config;
  const numBefore = numTokensBeforePatches(config);
  const numPatches = gridSide * gridSide;
  const maps = new Float32Array(numHeads * numPatches);
  for (let head = 0; head < numHeads; head++) {
    const start = head * (numBefore + numPatches) + numBefore;
    maps.set(weights.subarray(start, start + numPatches), head * numPatches);
  }
  return { numHeads, gridSide, maps };
}

/** [heads, N] -> [N] */
function meanOverHeads(weights: Float32Array, numHeads: number): Float64Array {
  const N = weights.length / numHeads;
  const mean = new Float64Array(N);
  for (let index = 0; index < weights.length; index++) mean[index % N]! += weights[index]! / numHeads;
  return mean;
}

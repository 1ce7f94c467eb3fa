// A backbone for looking only: weights are constants, and every form is chosen for speed without a gradient.
import { type NdArray, ndArray } from "#base/array";
import { type Graph, graphOf, multiHeadAttention, named, reshape, ShapeError, type Tensor } from "#engine/graph";
import { classRows } from "./attention.ts";
import { backbone } from "./backbone.ts";
import { type FrozenConfig, isMobilenet, isVit, kindName } from "./frozen-config.ts";
import { linear } from "./linear.ts";
import { mobilenet } from "./mobilenet.ts";
import { type ParameterArrays, type ParameterTensors, parameterConstants } from "./parameters.ts";
import { quantisedWeight } from "./quantise.ts";
import { type AttentionForms, vitWith } from "./vit.ts";
import type { VitConfig } from "./vit-config.ts";

export interface FrozenOptions {
  /** "int8" keeps the weights of a Vision Transformer's linear layers in 8 bits, and brings what they are shown to 8 bits. */
  readonly precision?: "float32" | "int8";
}

/**
 * Images to embeddings with weights that do not change; `arrays` are the parameters and buffers by name. In float32 it is what
 * `backbone` computes in mode "running", but for rounding. Throws ShapeError where int8 is asked of a network without linear layers.
 *
 * ONNX Runtime folds what depends on constants alone (resized positions, cut weights). Of a ResNet it folds every batch
 * normalisation into its convolution, adds and rectifies inside it, and keeps the images in its blocked layout throughout.
 */
export function frozenBackbone(
  images: Tensor<"B C H W">,
  arrays: ParameterArrays,
  config: FrozenConfig,
  { precision = "float32" }: FrozenOptions = {},
): Tensor<"R D"> {
  const graph = graphOf(images);
  if (!isVit(config)) {
    if (precision === "int8")
      throw new ShapeError(
        `frozenBackbone: expected a Vision Transformer for int8, got ${kindName(config)}, which has no linear layers.`,
      );
    if (isMobilenet(config)) return mobilenet(images, parameterConstants(graph, arrays), config);
    return backbone(images, parameterConstants(graph, arrays), config, { mode: "running" }).embedding;
  }
  const separate = withSeparateQkv(arrays, config);
  const parameters = precision === "int8" ? quantisedConstants(graph, separate) : parameterConstants(graph, separate);
  return vitWith(fusedForms(parameters, config), images, parameters, config).embedding;
}

/**
 * Attention by ONNX Runtime's MultiHeadAttention: it takes queries, keys and values as rows, walks over blocks of keys (Dao et al.
 * 2022) and so never holds an N x N matrix, where the training form holds one a head and moves heads in front of tokens and back.
 * To be measured, by number of tokens and of images: this against the training form batched and head by head (embed-vit).
 */
function fusedForms(parameters: ParameterTensors, { numHeads }: VitConfig): AttentionForms<{ readonly rows: Tensor<"R D"> }> {
  const attended = (queries: Tensor<"R D">, rows: Tensor<"R D">, name: string, numImages: number) => {
    const D = rows.shape[1]!;
    const projected = (x: Tensor<"R D">, part: string) =>
      reshape(linear(x, parameters, `${name}.${part}`), [numImages, x.shape[0]! / numImages, D]);
    const [q, k, v] = [projected(queries, "q"), projected(rows, "k"), projected(rows, "v")];
    const mixed = named(reshape(multiHeadAttention(q, k, v, { numHeads }), [queries.shape[0]!, D]), "R D", name);
    return linear(mixed, parameters, `${name}.proj`);
  };
  return {
    all: (rows, name, { numImages }) => attended(rows, rows, name, numImages),
    ofClass: (rows, name, layout) => ({ rows: attended(classRows(rows, layout), rows, name, layout.numImages) }),
  };
}

/** The layers "qkv" cut into "q", "k" and "v", without copying. */
function withSeparateQkv(arrays: ParameterArrays, { embedDim }: VitConfig): ParameterArrays {
  const separate = new Map<string, NdArray<"float32">>();
  for (const [name, array] of arrays) {
    const [, layer, kind] = /^(.*\.attn)\.qkv\.(weight|bias)$/.exec(name) ?? [];
    if (layer === undefined) separate.set(name, array);
    for (const [index, part] of layer === undefined ? [] : ["q", "k", "v"].entries()) {
      const length = array.data.length / 3;
      const data = array.data.subarray(index * length, (index + 1) * length);
      separate.set(`${layer}.${part}.${kind}`, ndArray("float32", array.shape.with(0, embedDim), data));
    }
  }
  return separate;
}

/** Constants with the blocks' matrices in 8 bits, each with its scale beside it: `linear` tells them by their type. */
function quantisedConstants(graph: Graph, arrays: ParameterArrays): ParameterTensors {
  const constants = new Map<string, Tensor>();
  for (const [name, array] of arrays) {
    if (!/^blocks\..*\.weight$/.test(name) || array.shape.length !== 2) {
      constants.set(name, graph.constant(array));
      continue;
    }
    const { weight, scale } = quantisedWeight(array);
    constants.set(name, graph.constant(weight));
    constants.set(`${name}_scale`, graph.constant(scale));
  }
  return constants;
}

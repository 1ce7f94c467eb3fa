// DINO's projection head: three linear layers, unit length, then a weight-normalised layer of prototypes (paper section 3.1).
import { div, gelu, gemm, maximum, mul, named, reduceSumSquare, reshape, sqrt, type Tensor } from "#engine/graph";
import { linear, linearParameters } from "./linear.ts";
import { type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";

export interface HeadConfig {
  readonly hiddenDim: number;
  readonly bottleneckDim: number;
  /** Width of the output: 65,536 in the paper. */
  readonly numPrototypes: number;
}

/** The prototypes' directions; their length is fixed at one (norm_last_layer), so no weight_g is trained. */
export const PROTOTYPES = "head.last_layer.weight_v";

// torch.nn.functional.normalize keeps lengths above this.
const LENGTH_FLOOR = 1e-12;

export function headParameters(inputDim: number, { hiddenDim, bottleneckDim, numPrototypes }: HeadConfig): ParameterSpec[] {
  return [
    ...linearParameters("head.mlp.0", inputDim, hiddenDim),
    ...linearParameters("head.mlp.2", hiddenDim, hiddenDim),
    ...linearParameters("head.mlp.4", hiddenDim, bottleneckDim),
    // A linear layer's own first values in PyTorch: uniform within 1 / sqrt(fan in).
    {
      name: PROTOTYPES,
      shape: [numPrototypes, bottleneckDim],
      initial: { kind: "uniform", bound: 1 / Math.sqrt(bottleneckDim) },
    },
  ];
}

export interface HeadOutput {
  /** [R, bottleneckDim]: what is held against the prototypes. */
  readonly bottleneckRows: Tensor<"R D">;
  readonly logits: Tensor<"R K">;
}

/** Embeddings [R, D] to logits over prototypes [R, K]. `inverse` is what `inverseLengths` gives, where it is known already. */
export function projectionHead(embeddings: Tensor<"R D">, parameters: ParameterTensors, inverse?: Tensor<"one K">): HeadOutput {
  const rows = bottleneckRows(embeddings, parameters);
  const prototypes = named(parameter(parameters, PROTOTYPES), "R D", PROTOTYPES);
  return { bottleneckRows: rows, logits: prototypeLogits(rows, prototypes, inverse ?? inverseLengths(prototypes)) };
}

/** Embeddings through the three layers, to the rows of unit length that are held against the prototypes: [R, D] -> [R, bottleneckDim]. */
function bottleneckRows(embeddings: Tensor<"R D">, parameters: ParameterTensors): Tensor<"R D"> {
  const hidden = gelu(linear(gelu(linear(embeddings, parameters, "head.mlp.0")), parameters, "head.mlp.2"));
  return unitRows(linear(hidden, parameters, "head.mlp.4"));
}

/**
 * Rows [R, bottleneckDim] against prototypes [K, bottleneckDim] as if these had unit length: [R, K]. Weight normalisation with the gain
 * fixed at one (Salimans & Kingma 2016), on the few rows of products rather than on the many prototypes.
 */
function prototypeLogits(rows: Tensor<"R D">, prototypes: Tensor<"R D">, inverse: Tensor<"one K">): Tensor<"R K"> {
  return named(mul(gemm(rows, prototypes, undefined, { transB: true }), inverse), "R K", "prototypeLogits");
}

/** 1 / length of every prototype: [K, bottleneckDim] -> [1, K]. No floor under the lengths: PyTorch has none here. */
export function inverseLengths(prototypes: Tensor<"R D">): Tensor<"one K"> {
  return named(reshape(div(1, rowLengths(prototypes)), [1, -1]), "one K", "inverseLengths");
}

/** Rows divided by their length. */
export function unitRows(rows: Tensor<"R D">): Tensor<"R D"> {
  return named(div(rows, maximum(rowLengths(rows), LENGTH_FLOOR)), "R D", "unitRows");
}

function rowLengths(rows: Tensor<"R D">): Tensor {
  return sqrt(reduceSumSquare(rows, [1], { keepDims: true }));
}

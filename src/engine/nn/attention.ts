// Multi-head self-attention over the tokens of each image.
import {
  dims,
  fusedMatMul,
  gemm,
  matMul,
  multiHeadAttention,
  named,
  reshape,
  slice,
  softmax,
  split,
  type Tensor,
  transpose,
} from "#engine/graph";
import { linear, linearParameters } from "./linear.ts";
import { inTypeOf, type ParameterSpec, type ParameterTensors, parameterFor } from "./parameters.ts";

/** How the rows of a token matrix [B x N, D] are to be read. */
export interface TokenLayout {
  readonly numImages: number;
  readonly numTokens: number;
}

export function attentionParameters(
  name: string,
  { embedDim, qkvBias = true }: { readonly embedDim: number; readonly qkvBias?: boolean | undefined },
): ParameterSpec[] {
  const ofQkv = linearParameters(`${name}.qkv`, embedDim, 3 * embedDim);
  const kept = qkvBias ? ofQkv : ofQkv.filter((spec) => !spec.name.endsWith(".bias"));
  return [...kept, ...linearParameters(`${name}.proj`, embedDim, embedDim)];
}

export interface AttentionOutput {
  readonly rows: Tensor<"R D">;
  /** What each query looks at. */
  readonly weights: Tensor<"B H Q N">;
}

/** softmax(q k^T / sqrt(d)) v for every token and head, then the output projection: [B x N, D] -> [B x N, D]. */
export function attention(
  rows: Tensor<"R D">,
  parameters: ParameterTensors,
  name: string,
  { numImages: B, numTokens: N }: TokenLayout,
  numHeads: number,
): AttentionOutput {
  const headDim = rows.shape[1]! / numHeads;
  const qkv = reshape(linear(rows, parameters, `${name}.qkv`), [B, N, 3, numHeads, headDim]);
  const [q, k, v] = split(transpose(qkv, [2, 0, 3, 1, 4]), [1, 1, 1], 0).map((part) =>
    reshape(part, [B, numHeads, N, headDim]),
  ) as [Tensor, Tensor, Tensor]; // three sizes were asked for
  return mixedHeads(q, k, v, parameters, name);
}

/**
 * The same by ONNX Runtime's MultiHeadAttention, which has no gradient: it never holds an N x N matrix, and no head is moved in front
 * of the tokens and back. For a network that follows another and is not trained itself.
 */
export function fusedAttention(
  rows: Tensor<"R D">,
  parameters: ParameterTensors,
  name: string,
  { numImages: B, numTokens: N }: TokenLayout,
  numHeads: number,
): Tensor<"R D"> {
  const D = rows.shape[1]!;
  const qkv = reshape(linear(rows, parameters, `${name}.qkv`), [B, N, 3 * D]);
  const [q, k, v] = split(qkv, [D, D, D], 2) as [Tensor, Tensor, Tensor]; // three sizes were asked for
  const mixed = named(reshape(multiHeadAttention(q, k, v, { numHeads }), [B * N, D]), "R D", name);
  return linear(mixed, parameters, `${name}.proj`);
}

/**
 * The same, asked by the class tokens alone: [B x N, D] -> [B, D]. Nothing after the last block looks at any other token,
 * so the last block need not compute them; the result and every gradient are unchanged.
 */
export function classAttention(
  rows: Tensor<"R D">,
  parameters: ParameterTensors,
  name: string,
  layout: TokenLayout,
  numHeads: number,
): AttentionOutput {
  const { numImages: B, numTokens: N } = layout;
  const D = rows.shape[1]!;
  const bias = parameters.get(`${name}.qkv.bias`);
  const [queryWeight, otherWeights] = split(parameterFor(rows, parameters, `${name}.qkv.weight`), [D, 2 * D], 0) as [
    Tensor,
    Tensor,
  ];
  const [queryBias, otherBiases] = bias ? split(inTypeOf(rows, bias), [D, 2 * D], 0) : [];
  const queries = gemm(classRows(rows, layout), queryWeight, queryBias, { transB: true });
  const others = reshape(gemm(rows, otherWeights, otherBiases, { transB: true }), [B, N, 2, numHeads, D / numHeads]);
  const [k, v] = split(transpose(others, [2, 0, 3, 1, 4]), [1, 1], 0).map((part) =>
    reshape(part, [B, numHeads, N, D / numHeads]),
  ) as [Tensor, Tensor]; // two sizes were asked for
  return mixedHeads(reshape(queries, [B, numHeads, 1, D / numHeads]), k, v, parameters, name);
}

/** The rows of the class tokens, the first of each image: [B x N, D] -> [B, D]. */
export function classRows(rows: Tensor<"R D">, { numImages: B, numTokens: N }: TokenLayout): Tensor<"R D"> {
  const D = rows.shape[1]!;
  return named(reshape(slice(reshape(rows, [B, N, D]), { axis: 1, start: 0, end: 1 }), [B, D]), "R D", "classRows");
}

/** q [B, H, Q, d], k and v [B, H, N, d]. */
function mixedHeads(q: Tensor, k: Tensor, v: Tensor, parameters: ParameterTensors, name: string): AttentionOutput {
  const { B, H, Q, d } = dims(q, "B H Q d", "attention: q");
  const weights = softmax(fusedMatMul(q, k, { transB: true, alpha: 1 / Math.sqrt(d) }), -1);
  const mixed = named(reshape(transpose(matMul(weights, v), [0, 2, 1, 3]), [B * Q, H * d]), "R D", name);
  return { rows: linear(mixed, parameters, `${name}.proj`), weights: named(weights, "B H Q N", name) };
}

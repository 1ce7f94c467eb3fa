// Multi-head self-attention over the tokens of each image.
import {
  add,
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
 * so the last block need not compute them; the result and every gradient are unchanged. With one query an image no key and no value
 * need be made either: q (K x)^T = (q K) x^T, and the mean of V x is V times the mean of x. A bias of the keys adds the same to every
 * token's score, which softmax takes out again; a bias of the values comes through a mean as it is.
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
  const d = D / numHeads;
  const [ofQueries, ofKeys, ofValues] = split(parameterFor(rows, parameters, `${name}.qkv.weight`), [D, D, D], 0) as Three;
  const bias = parameters.get(`${name}.qkv.bias`);
  const [queryBias, , valueBias] = bias ? (split(inTypeOf(rows, bias), [D, D, D], 0) as Three) : [];
  const ofHeads = (weight: Tensor) => reshape(weight, [numHeads, d, D]);
  const tokens = reshape(rows, [B, N, D]);

  const queries = gemm(classRows(rows, layout), ofQueries, queryBias, { transB: true });
  const asked = imagesFirst(matMul(headsFirst(queries, numHeads), ofHeads(ofKeys)));
  const weights = softmax(fusedMatMul(asked, tokens, { transB: true, alpha: 1 / Math.sqrt(d) }), -1);
  const means = transpose(matMul(weights, tokens), [1, 0, 2]);
  const values = reshape(imagesFirst(fusedMatMul(means, ofHeads(ofValues), { transB: true })), [B, D]);
  const mixed = named(valueBias ? add(values, valueBias) : values, "R D", name);
  return {
    rows: linear(mixed, parameters, `${name}.proj`),
    weights: named(reshape(weights, [B, numHeads, 1, N]), "B H Q N", name),
  };
}

/** Three sizes were asked for. */
type Three = readonly [Tensor, Tensor, Tensor];

/** [B, H x d] -> [H, B, d]. */
function headsFirst(x: Tensor, numHeads: number): Tensor {
  const [B, D] = x.shape as readonly [number, number];
  return transpose(reshape(x, [B, numHeads, D / numHeads]), [1, 0, 2]);
}

/** [H, B, d] -> [B, H, d]. */
function imagesFirst(x: Tensor): Tensor {
  return transpose(x, [1, 0, 2]);
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

// Operators for networks that only look: fused kernels without a gradient.
import { zeros } from "#base/array";
import { graphOf } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { addOne } from "./add-node.ts";

/** softmax(q k^T / sqrt(d)) v head by head: query [B, Q, D], key and value [B, N, D], d = D / numHeads -> [B, Q, D]. */
export function multiHeadAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { numHeads }: { readonly numHeads: number },
): Tensor<"B Q D"> {
  return addOne("MultiHeadAttention", [query, key, value], { num_heads: numHeads }) as Tensor<"B Q D">; // the rule sees to it
}

/**
 * x W + b in whole numbers: x [..., K] is brought to 8 bits by its own range (the whole tensor's, so its rows are not independent
 * of each other), weight is int8 [K, N] and stands for weight x scale, scale [N] a column each; bias [N] as it is -> [..., N].
 */
export function quantisedMatMul(x: Tensor, weight: Tensor, scale: Tensor, bias?: Tensor): Tensor {
  const zeroPoint = graphOf(x).constant(zeros("int8", [1]));
  return addOne("DynamicQuantizeMatMul", bias ? [x, weight, scale, zeroPoint, bias] : [x, weight, scale, zeroPoint], {});
}

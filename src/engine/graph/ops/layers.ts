// Layers that ONNX Runtime computes in one fused pass. The shape stays, so the names of the axes do too.
import type { Tensor } from "../tensor.ts";
import { addOne } from "./add-node.ts";

/** exp(x) over its sum along `axis`. */
export function softmax<Axes extends string>(x: Tensor<Axes>, axis = -1): Tensor<Axes> {
  return addOne("Softmax", [x], { axis }) as Tensor<Axes>; // the shape stays
}

/** The logarithm of `softmax`, without its overflow. */
export function logSoftmax<Axes extends string>(x: Tensor<Axes>, axis = -1): Tensor<Axes> {
  return addOne("LogSoftmax", [x], { axis }) as Tensor<Axes>; // the shape stays
}

/** x [..., D] with mean 0 and variance 1 along its last axis, times scale [D] plus bias [D]. `epsilon` is added to the variance. */
export function layerNormalization<Axes extends string>(
  x: Tensor<Axes>,
  scale: Tensor,
  bias: Tensor,
  { epsilon }: { readonly epsilon: number },
): Tensor<Axes> {
  return addOne("LayerNormalization", [x, scale, bias], { axis: -1, epsilon }) as Tensor<Axes>; // the shape stays
}

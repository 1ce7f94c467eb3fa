// Gradient rules of the fused layers.
import {
  exp,
  fusedMatMul,
  type GraphNode,
  graphOf,
  mul,
  type OpAttributes,
  reduceSum,
  reshape,
  sub,
  type Tensor,
} from "#engine/graph";
import { type GradientRule, type GradientRulesOf, ofOneOutput, once, sumTo } from "../gradient-rule.ts";

/** dx = y (dy - sum(y dy)). */
const softmax: GradientRule<"Softmax"> = ofOneOutput((dy, { outputs, attributes: { axis } }) => {
  const y = outputs[0]!;
  return [() => mul(y, sub(dy, sumOfProducts(y, dy, axis)))];
});

/**
 * sum(y dy) along `axis`. In attention y goes into o = y v, and dy = do v' comes back from it: then the sum is sum(do o), over
 * the width of a head instead of all tokens (Dao et al. 2022, FlashAttention, appendix B.2).
 */
function sumOfProducts(y: Tensor, dy: Tensor, axis: number): Tensor {
  const product = axis === -1 || axis === y.shape.length - 1 ? attendedBy(y, dy) : undefined;
  const [first, second] = product ?? [y, dy];
  return reduceSum(mul(first, second), [axis], { keepDims: true });
}

/** [do, o] where dy = do v' is the one cotangent of y and there is an o = y v. */
function attendedBy(y: Tensor, dy: Tensor): readonly [Tensor, Tensor] | undefined {
  const graph = graphOf(y);
  const back = graph.producerOf(dy);
  if (back?.op !== "FusedMatMul" || !hasFactors(back, { transA: 0, transB: 1 })) return undefined;
  const [outCotangent, values] = [back.inputs[0]!, back.inputs[1]!];
  const forward = graph.nodes.find(({ op, inputs }) => op === "MatMul" && inputs[0] === y && inputs[1] === values);
  const out = forward?.outputs[0];
  return out && out.shape.length === outCotangent.shape.length ? [outCotangent, out] : undefined;
}

function hasFactors({ attributes }: GraphNode, wanted: { readonly transA: number; readonly transB: number }): boolean {
  const { transA, transB, alpha } = attributes as OpAttributes["FusedMatMul"]; // the caller has looked at its name
  return transA === wanted.transA && transB === wanted.transB && alpha === 1;
}

/** dx = dy - exp(y) sum(dy). */
const logSoftmax: GradientRule<"LogSoftmax"> = ofOneOutput((dy, { outputs, attributes: { axis } }) => [
  () => sub(dy, mul(exp(outputs[0]!), reduceSum(dy, [axis], { keepDims: true }))),
]);

/**
 * With z = (x - mean) / deviation, y = z scale + bias and g = dy scale:
 * dx = (g - mean(g) - z mean(g z)) / deviation, dscale = sum(dy z), dbias = sum(dy).
 * The means along a row are products with the scale as a column: one read, nothing written but a number a row.
 */
const layerNormalization: GradientRule<"LayerNormalization"> = ({ name, inputs, outputs }, cotangents) => {
  const [x, scale, bias] = [inputs[0]!, inputs[1]!, inputs[2]!];
  const [mean, inverseDeviation] = [outputs[1]!, outputs[2]!];
  const dy = cotangents[0];
  if (!dy || cotangents[1] || cotangents[2])
    throw new Error(`internal: autodiff: ${name}: only the first output has a gradient.`);
  const rowLength = scale.shape[0]!;
  const z = once(() => mul(sub(x, mean), inverseDeviation));
  const weighted = once(() => mul(dy, z()));
  const scaleColumn = once(() => reshape(scale, [rowLength, 1]));
  const scaledRowMean = (rows: Tensor) => fusedMatMul(rows, scaleColumn(), { alpha: 1 / rowLength });
  const toX = () => {
    const centered = sub(mul(dy, scale), scaledRowMean(dy));
    return mul(sub(centered, mul(z(), scaledRowMean(weighted()))), inverseDeviation);
  };
  return [toX, () => sumTo(weighted(), scale.shape), () => sumTo(dy, bias.shape)];
};

export const LAYER_GRADIENTS: GradientRulesOf<"Softmax" | "LogSoftmax" | "LayerNormalization"> = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  LayerNormalization: layerNormalization,
};

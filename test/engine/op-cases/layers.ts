// Cases of the fused layers.
import { graphOf, layerNormalization, logSoftmax, type OpName, softmax, type Tensor } from "#engine/graph";
import { given, normals, type OpCase, opCase, positives, valuesOnly } from "./op-case.ts";

function softmaxes(op: OpName, build: (x: Tensor, axis?: number) => Tensor): readonly OpCase[] {
  return [
    opCase(op, "last axis", { x: normals(2, 3, 5) }, ({ x }) => build(x)),
    opCase(op, "first axis", { x: normals(4, 3) }, ({ x }) => build(x, 0)),
    opCase(op, "middle axis, negative", { x: normals(2, 5, 3) }, ({ x }) => build(x, -2)),
    opCase(op, "one element", { x: normals(3, 1) }, ({ x }) => build(x)),
    opCase(op, "large values that overflow exp", { x: given("float32", [2, 3], [900, 901, 899.5, -900, -901, -902]) }, ({ x }) =>
      build(x),
    ),
  ];
}

const ROW = { scale: positives(5), bias: normals(5) };

export const LAYER_CASES: readonly OpCase[] = [
  ...softmaxes("Softmax", softmax),
  ...softmaxes("LogSoftmax", logSoftmax),
  opCase("LayerNormalization", "rows of a matrix", { x: normals(3, 5), ...ROW }, ({ x, scale, bias }) =>
    layerNormalization(x, scale, bias, { epsilon: 1e-6 }),
  ),
  opCase("LayerNormalization", "tokens of a batch", { x: normals(2, 3, 5), ...ROW }, ({ x, scale, bias }) =>
    layerNormalization(x, scale, bias, { epsilon: 1e-5 }),
  ),
  opCase("LayerNormalization", "one row, a large epsilon", { x: normals(1, 5), ...ROW }, ({ x, scale, bias }) =>
    layerNormalization(x, scale, bias, { epsilon: 0.5 }),
  ),
  valuesOnly(
    opCase("LayerNormalization", "its mean and inverse deviation", { x: normals(2, 3, 5), ...ROW }, ({ x, scale, bias }) => {
      const y = layerNormalization(x, scale, bias, { epsilon: 1e-5 });
      return graphOf(y).producerOf(y)!.outputs;
    }),
  ),
];

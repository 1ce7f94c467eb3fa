// Rules of the layers that ONNX Runtime computes in one fused pass.
import type { HostTensor, OpRule, RulesOf } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";
import { axisFromFront, commonType, expectFloat, takeOne, takeThree } from "./operands.ts";
import { stridesOf } from "./strided.ts";

/** The sums of exp(x - top) shift by the largest, so that nothing overflows. */
function normalised(x: HostTensor, axis: number, finish: (shifted: number, sum: number) => number): HostTensor {
  const along = axisFromFront(axis, x.shape.length);
  const size = x.shape[along]!;
  const step = stridesOf(x.shape)[along]!;
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start++) {
    if (Math.floor(start / step) % size !== 0) continue; // not the first of a line along the axis
    let top = -Infinity;
    for (let i = 0; i < size; i++) top = Math.max(top, x.data[start + i * step]!);
    let sum = 0;
    for (let i = 0; i < size; i++) sum += Math.exp(x.data[start + i * step]! - top);
    for (let i = 0; i < size; i++) data[start + i * step] = finish(x.data[start + i * step]! - top, sum);
  }
  return { shape: x.shape, data };
}

function softmaxRule(finish: (shifted: number, sum: number) => number): OpRule<"Softmax"> {
  return {
    domain: "",
    attributes: { axis: "int" },
    outputTypes: (inputs, { axis }) => {
      const { dtype, shape } = takeOne(inputs);
      expectFloat(inputs);
      axisFromFront(axis, shape.length);
      return [{ dtype, shape }];
    },
    evaluate: (inputs, { axis }) => [normalised(takeOne(inputs), axis, finish)],
  };
}

/** LayerNormalization-17 over the last axis. Outputs: Y [..., D], Mean [..., 1], InvStdDev [..., 1]. */
const layerNormalization: OpRule<"LayerNormalization"> = {
  domain: "",
  attributes: { axis: "int", epsilon: "float" },
  outputTypes: (inputs, { axis }) => {
    const [x, scale, bias] = takeThree(inputs);
    expectFloat(inputs);
    const dtype = commonType(inputs);
    const { shape } = x;
    if (shape.length < 2) throw new ShapeError(`expected 2 or more axes, got ${shape.length} (shape ${shapeText(shape)}).`);
    if (axisFromFront(axis, shape.length) !== shape.length - 1) throw new ShapeError(`expected the last axis, got ${axis}.`);
    for (const [what, operand] of Object.entries({ scale, bias })) {
      if (operand.shape.length !== 1 || operand.shape[0] !== shape.at(-1)) {
        throw new ShapeError(`expected ${what} of shape [${shape.at(-1)}], got ${shapeText(operand.shape)}.`);
      }
    }
    const perRow = { dtype, shape: shape.with(-1, 1) };
    return [{ dtype, shape }, perRow, perRow];
  },
  evaluate: (inputs, { epsilon }, outputs) => {
    const [x, scale, bias] = takeThree(inputs);
    const rowLength = scale.data.length;
    const data = new Float64Array(x.data.length);
    const means = new Float64Array(data.length / rowLength);
    const inverseDeviations = new Float64Array(means.length);
    for (let row = 0; row < means.length; row++) {
      const values = x.data.subarray(row * rowLength, (row + 1) * rowLength);
      const mean = values.reduce((sum, value) => sum + value, 0) / rowLength;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rowLength;
      const inverseDeviation = 1 / Math.sqrt(variance + epsilon);
      means[row] = mean;
      inverseDeviations[row] = inverseDeviation;
      for (let i = 0; i < rowLength; i++) {
        data[row * rowLength + i] = (values[i]! - mean) * inverseDeviation * scale.data[i]! + bias.data[i]!;
      }
    }
    const perRow = outputs[1]!.shape;
    return [
      { shape: x.shape, data },
      { shape: perRow, data: means },
      { shape: perRow, data: inverseDeviations },
    ];
  },
};

export const LAYER_RULES: RulesOf<"Softmax" | "LogSoftmax" | "LayerNormalization"> = {
  Softmax: softmaxRule((shifted, sum) => Math.exp(shifted) / sum),
  LogSoftmax: softmaxRule((shifted, sum) => shifted - Math.log(sum)),
  LayerNormalization: layerNormalization,
};

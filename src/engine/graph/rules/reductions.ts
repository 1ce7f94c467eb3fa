// Rules of the reductions over axes.
import { sizeOf } from "#base/array";
import type { HostTensor, OpInput, OpRule, RulesOf, TensorType } from "../op-rule.ts";
import { axesFromFront, constantIntegers, expectFloat, expectNumber, takeOne, takeTwo } from "./operands.ts";
import { transposed } from "./strided.ts";

type Reduce = (row: Float64Array) => number;

const sum: Reduce = (row) => row.reduce((total, value) => total + value, 0);
const mean: Reduce = (row) => sum(row) / row.length;
const largest: Reduce = (row) => row.reduce((top, value) => Math.max(top, value), -Infinity);
const sumOfSquares: Reduce = (row) => row.reduce((total, value) => total + value * value, 0);

function reducedType({ dtype, shape }: OpInput, axes: readonly number[], keepdims: number): TensorType {
  const reduced = new Set(axesFromFront(axes, shape.length));
  const kept = shape.flatMap((size, axis) => (reduced.has(axis) ? (keepdims ? [1] : []) : [size]));
  return { dtype, shape: kept };
}

function reducedValue(x: HostTensor, axes: readonly number[], shape: readonly number[], reduce: Reduce): HostTensor {
  const reduced = axesFromFront(axes, x.shape.length);
  const kept = [...x.shape.keys()].filter((axis) => !reduced.includes(axis));
  const rows = transposed(x, [...kept, ...reduced]).data;
  const rowLength = sizeOf(reduced.map((axis) => x.shape[axis]!));
  const data = Float64Array.from({ length: sizeOf(shape) }, (_, row) =>
    reduce(rows.subarray(row * rowLength, (row + 1) * rowLength)),
  );
  return { shape, data };
}

/** A reduction whose axes are an attribute. */
function overAttribute(expect: (inputs: readonly OpInput[]) => void, reduce: Reduce): OpRule<"ReduceMean"> {
  return {
    domain: "",
    attributes: { axes: "ints", keepdims: "int" },
    outputTypes: (inputs, { axes, keepdims }) => {
      expect(inputs);
      return [reducedType(takeOne(inputs), axes, keepdims)];
    },
    evaluate: (inputs, { axes }, outputs) => [reducedValue(takeOne(inputs), axes, outputs[0]!.shape, reduce)],
  };
}

const reduceSum: OpRule<"ReduceSum"> = {
  domain: "",
  attributes: { keepdims: "int" },
  outputTypes: (inputs, { keepdims }) => {
    const [x, axes] = takeTwo(inputs);
    expectNumber([x]);
    return [reducedType(x, constantIntegers(axes, "the axes"), keepdims)];
  },
  evaluate: (inputs, _, outputs) => {
    const [x, axes] = takeTwo(inputs);
    return [reducedValue(x, [...axes.data], outputs[0]!.shape, sum)];
  },
};

export const REDUCTION_RULES: RulesOf<"ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceSumSquare"> = {
  ReduceSum: reduceSum,
  ReduceMean: overAttribute(expectFloat, mean),
  ReduceMax: overAttribute(expectNumber, largest),
  ReduceSumSquare: overAttribute(expectNumber, sumOfSquares),
};

// Cases of the reductions.
import { type OpName, type ReduceOptions, reduceMax, reduceMean, reduceSum, reduceSumSquare, type Tensor } from "#engine/graph";
import { type CaseInput, distinct, normals, type OpCase, opCase } from "./op-case.ts";

type Reduction = (x: Tensor, axes?: readonly number[], options?: ReduceOptions) => Tensor;

function reductions(op: OpName, build: Reduction, draw: (...shape: readonly number[]) => CaseInput): readonly OpCase[] {
  return [
    opCase(op, "all axes", { x: draw(3, 5) }, ({ x }) => build(x)),
    opCase(op, "all axes, kept", { x: draw(3, 5) }, ({ x }) => build(x, [0, 1], { keepDims: true })),
    opCase(op, "first axis", { x: draw(3, 4, 5) }, ({ x }) => build(x, [0])),
    opCase(op, "leading axes", { x: draw(3, 4, 5) }, ({ x }) => build(x, [0, 1])),
    opCase(op, "middle axis, kept", { x: draw(3, 4, 5) }, ({ x }) => build(x, [1], { keepDims: true })),
    opCase(op, "negative axis, kept", { x: draw(3, 4, 5) }, ({ x }) => build(x, [-1], { keepDims: true })),
    opCase(op, "negative axis", { x: draw(2, 5) }, ({ x }) => build(x, [-1])),
    opCase(op, "axes that are apart", { x: draw(3, 4, 5) }, ({ x }) => build(x, [2, 0])),
    opCase(op, "axes of size 1", { x: draw(1, 5, 1) }, ({ x }) => build(x, [0, 2])),
  ];
}

export const REDUCTION_CASES: readonly OpCase[] = [
  ...reductions("ReduceSum", reduceSum, normals),
  ...reductions("ReduceMean", reduceMean, normals),
  ...reductions("ReduceMax", reduceMax, (...shape) => distinct(shape)),
  ...reductions("ReduceSumSquare", reduceSumSquare, normals),
];

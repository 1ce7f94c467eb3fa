// Reductions over axes.
import { graphOf } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { addOne } from "./add-node.ts";
import { integers } from "./shape.ts";

export interface ReduceOptions {
  /** Keep the reduced axes, with size 1 (default false). */
  readonly keepDims?: boolean;
}

const allAxes = (x: Tensor): readonly number[] => [...x.shape.keys()];

/** Sum over `axes` (all where left out). */
export function reduceSum(x: Tensor, axes: readonly number[] = allAxes(x), { keepDims = false }: ReduceOptions = {}): Tensor {
  return addOne("ReduceSum", [x, integers(graphOf(x), axes)], { keepdims: Number(keepDims) });
}

function reduction(op: "ReduceMean" | "ReduceMax" | "ReduceSumSquare") {
  return (x: Tensor, axes: readonly number[] = allAxes(x), { keepDims = false }: ReduceOptions = {}): Tensor =>
    addOne(op, [x], { axes, keepdims: Number(keepDims) });
}

/** Mean over `axes` (all where left out). */
export const reduceMean = reduction("ReduceMean");
/** Largest over `axes` (all where left out). */
export const reduceMax = reduction("ReduceMax");
/** Sum of squares over `axes` (all where left out). */
export const reduceSumSquare = reduction("ReduceSumSquare");

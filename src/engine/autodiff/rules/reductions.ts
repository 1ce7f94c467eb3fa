// Gradient rules of the reductions: the cotangent of each sum goes back to all that was summed.
import { cast, div, equal, expand, graphOf, mul, reduceMax, reduceSum, type Tensor } from "#engine/graph";
import { type GradientRule, type GradientRulesOf, ofOneOutput, withReducedAxes } from "../gradient-rule.ts";

const sum: GradientRule<"ReduceSum"> = ofOneOutput((dy, { inputs }) => {
  const [x, axesInput] = [inputs[0]!, inputs[1]!];
  const axes = Array.from(graphOf(x).constantOf(axesInput)?.data ?? [], Number);
  return [() => expand(withReducedAxes(dy, x.shape, axes), x.shape), undefined];
});

/** Scaled before it is repeated: the small tensor, not the large one. */
const mean: GradientRule<"ReduceMean"> = ofOneOutput((dy, { inputs, attributes: { axes } }) => {
  const x = inputs[0]!;
  const count = axes.reduce((product, axis) => product * x.shape.at(axis)!, 1);
  return [() => expand(mul(withReducedAxes(dy, x.shape, axes), 1 / count), x.shape)];
});

/** Ties share the cotangent evenly, as PyTorch's amax does. */
const largest: GradientRule<"ReduceMax"> = ofOneOutput((dy, { inputs, attributes: { axes } }) => {
  const x = inputs[0]!;
  const build = (): Tensor => {
    const isLargest = cast(equal(x, reduceMax(x, axes, { keepDims: true })), x.dtype);
    const numLargest = reduceSum(isLargest, axes, { keepDims: true });
    return mul(isLargest, div(withReducedAxes(dy, x.shape, axes), numLargest));
  };
  return [build];
});

const sumOfSquares: GradientRule<"ReduceSumSquare"> = ofOneOutput((dy, { inputs, attributes: { axes } }) => {
  const x = inputs[0]!;
  return [() => mul(x, mul(withReducedAxes(dy, x.shape, axes), 2))];
});

export const REDUCTION_GRADIENTS: GradientRulesOf<"ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceSumSquare"> = {
  ReduceSum: sum,
  ReduceMean: mean,
  ReduceMax: largest,
  ReduceSumSquare: sumOfSquares,
};

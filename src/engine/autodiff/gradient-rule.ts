// What autodiff must know of an operator: from the cotangents of its outputs to those of its inputs.
import { type GraphNode, type OpName, reduceSum, reshape, type Tensor } from "#engine/graph";

/** Adds the nodes of one input's cotangent when called; `undefined` where the input has none (a shape, an index, a condition). */
export type LazyCotangent = (() => Tensor) | undefined;

/** One entry an input. Only the entries that are asked for are called, so nothing is computed in vain. */
export type GradientRule<Op extends OpName> = (
  node: GraphNode<Op>,
  /** One an output; `undefined` where the loss does not depend on that output. */
  cotangents: readonly (Tensor | undefined)[],
) => readonly LazyCotangent[];

/** "none" marks operators that nothing may be differentiated through: booleans, and operators that only gradients use. */
export type GradientRulesOf<Family extends OpName> = { readonly [Op in Family]: GradientRule<Op> | "none" };

/** A rule of an operator with one output: `dy` is its cotangent. */
export function ofOneOutput<Op extends OpName>(
  rule: (dy: Tensor, node: GraphNode<Op>) => readonly LazyCotangent[],
): GradientRule<Op> {
  return (node, cotangents) => {
    const dy = cotangents[0];
    if (!dy) throw new Error(`internal: autodiff: no cotangent for ${node.name}.`);
    return rule(dy, node);
  };
}

/** The value of `build`, built at most once: for what the cotangents of several inputs share. */
export function once(build: () => Tensor): () => Tensor {
  let built: Tensor | undefined;
  return () => {
    built ??= build();
    return built;
  };
}

/** The transpose of broadcasting: sums `dy` over the axes along which an operand of `shape` was repeated. */
export function sumTo(dy: Tensor, shape: readonly number[]): Tensor {
  const lead = dy.shape.length - shape.length;
  const leading = [...dy.shape.keys()].slice(0, lead);
  const repeated = shape.flatMap((size, axis) => (size === 1 && dy.shape[axis + lead] !== 1 ? [axis + lead] : []));
  if (lead === 0 && repeated.length === 0) return dy;
  if (repeated.length === 0) return reduceSum(dy, leading);
  const summed = reduceSum(dy, [...leading, ...repeated], { keepDims: true });
  return lead === 0 ? summed : reshape(summed, shape);
}

/** A cotangent without the axes that a reduction dropped, with them again as size 1, so that it broadcasts to the operand. */
export function withReducedAxes(dy: Tensor, shape: readonly number[], axes: readonly number[]): Tensor {
  const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
  return dy.shape.length === shape.length
    ? dy
    : reshape(
        dy,
        shape.map((size, axis) => (reduced.has(axis) ? 1 : size)),
      );
}

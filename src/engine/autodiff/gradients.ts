// Reverse-mode differentiation: walks a graph backwards and adds the nodes that compute gradients to it.
import { type Graph, graphOf, type OpName, ShapeError, scalar, shapeText, type Tensor } from "#engine/graph";
import type { BackwardPass } from "./backward-pass.ts";
import type { GradientRulesOf } from "./gradient-rule.ts";
import { type Segment, walkBackRecomputing } from "./recompute.ts";
import { GRADIENT_RULES } from "./rules/index.ts";

export interface GradientOptions {
  /** Parts of the graph that are computed a second time on the way back instead of being kept; see `Segment`. Default: none. */
  readonly recompute?: readonly Segment[];
}

/**
 * The gradient of a scalar `loss` with respect to each tensor of `wrt`, in that order and of its shape. The new nodes are named
 * "gradient/<the node they differentiate>/..."; nothing is added for branches that do not lead from `wrt` to `loss`.
 * Throws ShapeError where the loss is not a scalar, Error where it does not depend on a tensor of `wrt`, or only through an
 * operator without a gradient.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[], options: GradientOptions = {}): readonly Tensor[] {
  return gradientsByRules(loss, wrt, GRADIENT_RULES, options);
}

/** `gradients` by another table of rules, so that a test can plant wrong ones. */
export function gradientsByRules(
  loss: Tensor,
  wrt: readonly Tensor[],
  rules: GradientRulesOf<OpName>,
  { recompute = [] }: GradientOptions = {},
): readonly Tensor[] {
  if (loss.shape.length !== 0)
    throw new ShapeError(`gradients: "${loss.name}": expected a scalar loss, got shape ${shapeText(loss.shape)}.`);
  const graph = graphOf(loss);
  const cotangents = new Map<string, Tensor>([[loss.name, scalar(graph, 1, loss.dtype)]]);
  const pass: BackwardPass = { graph, rules, cotangents, dependents: dependentsOf(graph, wrt) };
  walkBackRecomputing(pass, graph.nodes.slice(), recompute);
  return wrt.map((tensor) => {
    const gradient = cotangents.get(tensor.name);
    if (!gradient)
      throw new Error(`gradients: the loss "${loss.name}" does not depend on "${tensor.name}". Leave it out of the list.`);
    return gradient;
  });
}

/** The names of all tensors that change with `wrt`. */
function dependentsOf(graph: Graph, wrt: readonly Tensor[]): Set<string> {
  const names = new Set(wrt.map((tensor) => tensor.name));
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.some((input) => names.has(input.name))) for (const output of outputs) names.add(output.name);
  }
  return names;
}

// Reverse-mode differentiation: walks a graph backwards and adds the nodes that compute gradients to it.
import { add, type Graph, type GraphNode, graphOf, type OpName, ShapeError, scalar, shapeText, type Tensor } from "#engine/graph";
import type { GradientRule, GradientRulesOf } from "./gradient-rule.ts";
import { GRADIENT_RULES } from "./rules/index.ts";

/**
 * The gradient of a scalar `loss` with respect to each tensor of `wrt`, in that order and of its shape. The new nodes are named
 * "gradient/<the node they differentiate>/..."; nothing is added for branches that do not lead from `wrt` to `loss`.
 * Throws ShapeError where the loss is not a scalar, Error where it does not depend on a tensor of `wrt`, or only through an
 * operator without a gradient.
 */
export function gradients(loss: Tensor, wrt: readonly Tensor[]): readonly Tensor[] {
  return gradientsByRules(loss, wrt, GRADIENT_RULES);
}

/** `gradients` by another table of rules, so that a test can plant wrong ones. */
export function gradientsByRules(loss: Tensor, wrt: readonly Tensor[], rules: GradientRulesOf<OpName>): readonly Tensor[] {
  if (loss.shape.length !== 0)
    throw new ShapeError(`gradients: "${loss.name}": expected a scalar loss, got shape ${shapeText(loss.shape)}.`);
  const graph = graphOf(loss);
  const dependents = dependentsOf(graph, wrt);
  const cotangents = new Map<string, Tensor>([[loss.name, scalar(graph, 1, loss.dtype)]]);
  const isOnTheWay = (node: GraphNode) =>
    node.outputs.some((output) => cotangents.has(output.name)) && node.inputs.some((input) => dependents.has(input.name));
  for (const node of graph.nodes.toReversed()) {
    if (isOnTheWay(node)) graph.scope(`gradient/${node.name}`, () => propagate(node, cotangents, dependents, rules));
  }
  return wrt.map((tensor) => {
    const gradient = cotangents.get(tensor.name);
    if (!gradient)
      throw new Error(`gradients: the loss "${loss.name}" does not depend on "${tensor.name}". Leave it out of the list.`);
    return gradient;
  });
}

/** The names of all tensors that change with `wrt`. */
function dependentsOf(graph: Graph, wrt: readonly Tensor[]): ReadonlySet<string> {
  const names = new Set(wrt.map((tensor) => tensor.name));
  for (const { inputs, outputs } of graph.nodes) {
    if (inputs.some((input) => names.has(input.name))) for (const output of outputs) names.add(output.name);
  }
  return names;
}

/** From the cotangents of a node's outputs to those of its inputs: added to what other users of the same input gave. */
function propagate<Op extends OpName>(
  node: GraphNode<Op>,
  cotangents: Map<string, Tensor>,
  dependents: ReadonlySet<string>,
  rules: GradientRulesOf<OpName>,
): void {
  const rule: GradientRule<Op> | "none" = rules[node.op];
  if (rule === "none") throw new Error(`gradients: ${node.name}: ${node.op} has no gradient, but the loss depends on it.`);
  const toInputs = rule(
    node,
    node.outputs.map((output) => cotangents.get(output.name)),
  );
  if (toInputs.length !== node.inputs.length) {
    throw new Error(`internal: autodiff: "${node.op}" returned ${toInputs.length} cotangents for ${node.inputs.length} inputs.`);
  }
  for (const [index, input] of node.inputs.entries()) {
    const build = toInputs[index];
    if (!build || !dependents.has(input.name)) continue;
    const cotangent = build();
    if (shapeText(cotangent.shape) !== shapeText(input.shape)) {
      const [expected, got] = [shapeText(input.shape), shapeText(cotangent.shape)];
      throw new Error(`internal: autodiff: "${node.op}" gave input ${index} a cotangent of shape ${got}, expected ${expected}.`);
    }
    const earlier = cotangents.get(input.name);
    cotangents.set(input.name, earlier ? add(earlier, cotangent) : cotangent);
  }
}

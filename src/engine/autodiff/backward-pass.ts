// The state of a walk backwards through a graph, and one node of it: from the cotangents of its outputs to those of its inputs.
import { add, type Graph, type GraphNode, type OpName, shapeText, type Tensor } from "#engine/graph";
import type { GradientRule, GradientRulesOf } from "./gradient-rule.ts";

/** What a walk knows so far. Its maps and sets grow as it goes. */
export interface BackwardPass {
  readonly graph: Graph;
  readonly rules: GradientRulesOf<OpName>;
  /** By tensor name: the sum of what the users met so far gave. */
  readonly cotangents: Map<string, Tensor>;
  /** Names of the tensors through which the loss depends on what it is differentiated by. */
  readonly dependents: Set<string>;
}

/** Adds the nodes that lead the cotangents of a node's outputs to its inputs; nothing where the node is not on the way. */
export function walkBack(pass: BackwardPass, node: GraphNode): void {
  const { graph, cotangents, dependents } = pass;
  const isOnTheWay =
    node.outputs.some((output) => cotangents.has(output.name)) && node.inputs.some((input) => dependents.has(input.name));
  if (isOnTheWay) graph.scope(`gradient/${node.name}`, () => propagate(pass, node));
}

/** Adds a cotangent to what other users of the same tensor gave. */
export function addCotangent({ cotangents }: BackwardPass, tensor: Tensor, cotangent: Tensor): void {
  const earlier = cotangents.get(tensor.name);
  cotangents.set(tensor.name, earlier ? add(earlier, cotangent) : cotangent);
}

function propagate<Op extends OpName>(pass: BackwardPass, node: GraphNode<Op>): void {
  const { rules, cotangents, dependents } = pass;
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
    addCotangent(pass, input, cotangent);
  }
}

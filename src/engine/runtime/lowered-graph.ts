// A graph in the operators that its reader knows.
import { Graph, type GraphNode, neededNodes, type OpName, type Tensor } from "#engine/graph";
import { LOWERING_RULES, type LoweringRule, type LoweringTarget } from "./lowering-rules.ts";

/**
 * A graph that computes the same from the same inputs, to the same outputs, in operators that `target` knows. Inputs keep their
 * names, types and places; nodes that no output needs are left out. Throws ShapeError, with the node's name, where the
 * target has no way to say an operator.
 */
export function loweredGraph(graph: Graph, target: LoweringTarget): Graph {
  const lowered = new Graph(graph.name);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, dtype } of graph.inputs) tensors.set(name, lowered.input(name, shape, dtype));
  const counterpartOf = (tensor: Tensor): Tensor => {
    const known = tensors.get(tensor.name);
    if (known) return known;
    const constant = graph.constantOf(tensor);
    if (!constant) throw new Error(`internal: loweredGraph: nothing in graph ${graph.name} gives "${tensor.name}".`);
    const copy = lowered.constant(constant);
    tensors.set(tensor.name, copy);
    return copy;
  };
  for (const node of neededNodes(graph)) {
    const inputs = node.inputs.map(counterpartOf);
    const outputs = inScopeOf(node, lowered, () => loweredNode(lowered, node, inputs, target));
    for (const [place, { name }] of node.outputs.entries()) tensors.set(name, outputs[place]!);
  }
  for (const [name, tensor] of graph.outputs) lowered.output(name, counterpartOf(tensor));
  return lowered;
}

function loweredNode<Op extends OpName>(
  graph: Graph,
  node: GraphNode<Op>,
  inputs: readonly Tensor[],
  target: LoweringTarget,
): readonly Tensor[] {
  const rule: LoweringRule<Op> = LOWERING_RULES[node.op][target];
  return rule === "as it is" ? graph.add(node.op, inputs, node.attributes) : rule(inputs, node);
}

/** Builds in the layer that a node was built in, so that what replaces it bears its place. */
function inScopeOf<T>({ name }: GraphNode, graph: Graph, build: () => T): T {
  const end = name.lastIndexOf("/");
  return end === -1 ? build() : graph.scope(name.slice(0, end), build);
}

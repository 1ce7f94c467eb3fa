// Which nodes of a graph its outputs need.
import type { Graph, GraphNode } from "./graph.ts";

/** The nodes on which at least one output depends, in an order in which they can run. The rest is dead. */
export function neededNodes(graph: Graph): readonly GraphNode[] {
  const wanted = new Set([...graph.outputs.values()].map((tensor) => tensor.name));
  const needed: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => wanted.has(output.name))) continue;
    needed.push(node);
    for (const input of node.inputs) wanted.add(input.name);
  }
  return needed.reverse();
}

// What each tensor of a graph is called in its ONNX model, where every name stands for one value.
import { type Graph, type GraphNode, ShapeError } from "#engine/graph";

export interface OnnxNames {
  /** The model's name of the tensor that the graph calls `name`. */
  of(name: string): string;
  /** Outputs that no node computes under their own name: each is copied by an Identity. */
  readonly copies: readonly { readonly from: string; readonly to: string }[];
}

/**
 * Gives outputs the names that callers ask for: the node that computes one is made to write that name. An output that is
 * an input, a constant or another output too becomes a copy. Throws ShapeError where an output is named like an input.
 */
export function onnxNames(graph: Graph, nodes: readonly GraphNode[]): OnnxNames {
  const computed = new Set(nodes.flatMap((node) => node.outputs.map(({ name }) => name)));
  const renamed = new Map<string, string>();
  const copied: { readonly tensor: string; readonly to: string }[] = [];
  for (const [output, { name }] of graph.outputs) {
    if (computed.has(name) && !renamed.has(name)) renamed.set(name, output);
    else copied.push({ tensor: name, to: output });
  }
  yieldTakenNames(graph, computed, renamed);
  const of = (name: string) => renamed.get(name) ?? name;
  return { of, copies: copied.map(({ tensor, to }) => ({ from: of(tensor), to })) };
}

/** A tensor that bears the name of an output which is not itself gives way. */
function yieldTakenNames(graph: Graph, computed: ReadonlySet<string>, renamed: Map<string, string>): void {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const isTaken = (name: string) =>
    computed.has(name) || inputs.has(name) || graph.constants.has(name) || graph.outputs.has(name);
  for (const output of graph.outputs.keys()) {
    if (inputs.has(output))
      throw new ShapeError(`graph ${graph.name}: the output "${output}" is named like an input. Give it another name.`);
    const isAnothers = (computed.has(output) || graph.constants.has(output)) && !renamed.has(output);
    if (!isAnothers) continue;
    let other = `${output}~`;
    while (isTaken(other)) other += "~";
    renamed.set(output, other);
  }
}

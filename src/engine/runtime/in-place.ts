// Whether a graph may write an output over one of its inputs: the update of a state where it lies.
import { type Graph, type GraphNode, neededNodes, type OpName, shapeText, type Tensor } from "#engine/graph";

/** Operators whose every output element needs only the elements of its own place, so that it may take their memory. */
const ELEMENTWISE: ReadonlySet<OpName> = new Set<OpName>([
  ...(["Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Neg", "Abs", "Sqrt", "Reciprocal", "Exp", "Log", "Erf"] as const),
  ...(["Tanh", "Sigmoid", "Relu", "Gelu", "Identity", "Equal", "Less", "Greater", "Not", "And", "Where", "IsNaN"] as const),
]);

/** Why `output` may not be written over the memory of `input`, or `undefined` where it may. */
export type InPlaceCheck = (input: string, output: string) => string | undefined;

/**
 * Tells which outputs of a graph may take the memory of which inputs. One may where every node that reads the input comes
 * before the node that computes the output, by the data it needs, or is that node and works element by element: then no
 * operator can read the input after it was overwritten, in whatever order ONNX Runtime runs them. (Only its own node writes
 * to an output's memory: ONNX Runtime never keeps another value there.)
 */
export function inPlaceCheck(graph: Graph): InPlaceCheck {
  const readers = readersOf(neededNodes(graph));
  return (input, output) => {
    const source = graph.inputs.find(({ name }) => name === input);
    const target = graph.outputs.get(output);
    if (!source || !target) return "the graph has no such input or output";
    if (!isSameType(source, target)) return `one is ${typeText(source)}, the other ${typeText(target)}`;
    return target.name === source.name ? undefined : hazardBetween(graph, target, readers.get(source.name) ?? []);
  };
}

function hazardBetween(graph: Graph, target: Tensor, readers: readonly GraphNode[]): string | undefined {
  const last = graph.producerOf(target);
  const before = nodesBefore(graph, last);
  const late = readers.find((node) => !before.has(node));
  if (late) return `${late.name} reads it too`;
  if (last && readers.includes(last) && !ELEMENTWISE.has(last.op)) return `${last.name} does not work element by element`;
  return undefined;
}

function typeText({ dtype, shape }: Tensor): string {
  return `${dtype} ${shapeText(shape)}`;
}

function isSameType(a: Tensor, b: Tensor): boolean {
  return a.dtype === b.dtype && a.shape.length === b.shape.length && a.shape.every((size, axis) => size === b.shape[axis]);
}

/** A node and all that it needs. */
function nodesBefore(graph: Graph, last: GraphNode | undefined): ReadonlySet<GraphNode> {
  const before = new Set<GraphNode>();
  const queue = last ? [last] : [];
  while (queue.length > 0) {
    const node = queue.pop()!;
    if (before.has(node)) continue;
    before.add(node);
    for (const input of node.inputs) {
      const producer = graph.producerOf(input);
      if (producer) queue.push(producer);
    }
  }
  return before;
}

/** The nodes that read each tensor. */
function readersOf(nodes: readonly GraphNode[]): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const { name } of node.inputs) {
      const known = readers.get(name);
      if (known) known.push(node);
      else readers.set(name, [node]);
    }
  }
  return readers;
}

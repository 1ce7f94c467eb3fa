// Whether a graph may write an output over one of its inputs: the update of a state where it lies.
import { ELEMENTWISE_OPS, type Graph, type GraphNode, neededNodes, type OpName, shapeText, type Tensor } from "#engine/graph";

/** Operators that may take an operand's memory. Cast may not: its elements can have another size. */
const ELEMENTWISE: ReadonlySet<OpName> = new Set<OpName>(ELEMENTWISE_OPS.filter((op) => op !== "Cast"));

/** Operators that ONNX Runtime may run as no copy at all, or drop: their output can be the input's own memory. */
const VIEWS: ReadonlySet<OpName> = new Set<OpName>([
  "Identity",
  "Reshape",
  "Transpose",
  "Cast",
  "Slice",
  "Split",
  "Concat",
  "Expand",
]);

/** Why `output` may not be written over the memory of `input`, or `undefined` where it may. */
export type InPlaceCheck = (input: string, output: string) => string | undefined;

/**
 * Tells which outputs of a graph may take the memory of which inputs. One may where all that is computed from the input is
 * needed for that output, or computed from it, and where the node that writes the output works element by element if it
 * reads the input, or adds a product to it: then nothing can read the input after it was overwritten, in whatever order ONNX Runtime runs the nodes
 * and whichever of them it merges. (It never keeps another value in an output's memory.)
 */
export function inPlaceCheck(graph: Graph): InPlaceCheck {
  // Types and no more: the graph, with all of its constants, is held for those pairs alone that have to be looked at.
  const inputs = new Map(graph.inputs.map(({ name, dtype, shape }) => [name, { dtype, shape }]));
  const outputs = new Map([...graph.outputs].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
  const isAnyAlike = [...inputs.values()].some((input) => [...outputs.values()].some((output) => isSameType(input, output)));
  const hazard = isAnyAlike ? hazardsOf(graph) : undefined;
  return (input, output) => {
    const [source, target] = [inputs.get(input), outputs.get(output)];
    if (!source || !target) return "the graph has no such input or output";
    if (!isSameType(source, target)) return `one is ${typeText(source)}, the other ${typeText(target)}`;
    return hazard?.(input, output);
  };
}

/** For an input and an output of one type. */
function hazardsOf(graph: Graph): InPlaceCheck {
  const readers = readersOf(neededNodes(graph));
  return (input, output) => {
    const source = graph.inputs.find(({ name }) => name === input)!; // the caller found them
    const target = graph.outputs.get(output)!;
    return target.name === source.name ? undefined : hazardBetween(graph, source, target, readers);
  };
}

function hazardBetween(graph: Graph, source: Tensor, target: Tensor, readers: Readers): string | undefined {
  const last = graph.producerOf(target);
  const before = nodesBefore(graph, last);
  const seen = new Map<GraphNode, boolean>();
  // `isView`: the tensor may be the input's own memory.
  const queue = [{ tensor: source.name, isView: true }];
  for (const { tensor, isView } of queue) {
    for (const node of readers.get(tensor) ?? []) {
      if (!before.has(node)) return `${node.name} needs it too`;
      if (node === last && isView && !readsAsItWrites(node, tensor)) return `${node.name} does not work element by element`;
      const givesView = isView && VIEWS.has(node.op);
      if (node === last || seen.get(node) === true || seen.get(node) === givesView) continue;
      seen.set(node, givesView);
      for (const { name } of node.outputs) queue.push({ tensor: name, isView: givesView });
    }
  }
  return undefined;
}

/** Whether a node may write its output over that operand: each number of it is read before its place is written, and not again. */
function readsAsItWrites({ op, inputs, outputs }: GraphNode, tensor: string): boolean {
  if (ELEMENTWISE.has(op)) return true;
  // A Gemm's third operand is copied to where the sum is to be, and the product added to it there.
  const [first, second, added] = inputs;
  return op === "Gemm" && first!.name !== tensor && second!.name !== tensor && `${added!.shape}` === `${outputs[0]!.shape}`; // a reader of it
}

type TensorType = Pick<Tensor, "dtype" | "shape">;

function typeText({ dtype, shape }: TensorType): string {
  return `${dtype} ${shapeText(shape)}`;
}

function isSameType(a: TensorType, b: TensorType): boolean {
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

/** The nodes that read each tensor, by its name. */
type Readers = ReadonlyMap<string, readonly GraphNode[]>;

function readersOf(nodes: readonly GraphNode[]): Readers {
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

// What in a graph depends on the number of images: found by building it for several numbers and comparing.
import { bytesOf, type NdArray } from "#base/array";
import { type Graph, type GraphNode, neededNodes, ShapeError, type Tensor } from "#engine/graph";

/** Whole numbers that grow with the number of images: offset + slope x images, entry by entry. */
export interface BatchVector {
  readonly offset: readonly number[];
  readonly slope: readonly number[];
}

/** A graph for any number of images: it was built for two, and this is what to change in it. */
export interface FreeBatch {
  readonly graph: Graph;
  /** The constant operands that depend on the number of images: the one at `place` of `node`. */
  operandOf(node: GraphNode, place: number): BatchVector | undefined;
  /** Whether an axis of an input or output, by its name, is the number of images. */
  isFree(name: string, axis: number): boolean;
}

/** Numbers of images that are compared: two to tell how a size grows, the third to see that it grows so. */
const COMPARED = [2, 3, 5] as const;
type Three<T> = readonly [T, T, T];

function eachOf<From, To>([a, b, c]: Three<From>, map: (value: From, index: 0 | 1 | 2) => To): Three<To> {
  return [map(a, 0), map(b, 1), map(c, 2)];
}

/**
 * Builds the same network for different numbers of images and finds what differs. Throws ShapeError where more differs than sizes
 * in shapes: an attribute, a weight, the operators themselves.
 */
export function freeBatchOf(build: (numImages: number) => Graph): FreeBatch {
  const graphs = eachOf(COMPARED, build);
  const [first] = graphs;
  const nodes = eachOf(graphs, neededNodes);
  if (new Set(nodes.map(({ length }) => length)).size > 1) throw differs(first, "the number of operators");
  const operands = new Map<GraphNode, ReadonlyMap<number, BatchVector>>();
  for (const [index, node] of nodes[0].entries()) {
    const alike = eachOf(nodes, (list) => list[index]!); // the lists are equally long
    if (new Set(alike.map(signature)).size > 1) throw differs(first, node.name);
    operands.set(node, batchOperands(graphs, alike));
  }
  const axes = new Map<string, ReadonlySet<number>>();
  for (const [name, tensors] of facesOf(graphs)) axes.set(name, freeAxes(first, name, tensors));
  return {
    graph: first,
    operandOf: (node, place) => operands.get(node)?.get(place),
    isFree: (name, axis) => axes.get(name)?.has(axis) ?? false,
  };
}

function signature({ op, attributes, inputs }: GraphNode): string {
  return JSON.stringify([op, attributes, inputs.length]);
}

function batchOperands(graphs: Three<Graph>, nodes: Three<GraphNode>): ReadonlyMap<number, BatchVector> {
  const found = new Map<number, BatchVector>();
  for (const place of nodes[0].inputs.keys()) {
    const [one, two, three] = eachOf(nodes, (node, index) => graphs[index].constantOf(node.inputs[place]!));
    if (!one || !two || !three || (isSame(one, two) && isSame(two, three))) continue;
    const vector = batchVector([one, two, three]);
    if (!vector) throw differs(graphs[0], `operand ${place} of ${nodes[0].name}`);
    found.set(place, vector);
  }
  return found;
}

function isSame(a: NdArray, b: NdArray): boolean {
  if (a.dtype !== b.dtype || `${a.shape}` !== `${b.shape}`) return false;
  const [left, right] = [bytesOf(a), bytesOf(b)];
  // Weights lie in the same memory in all graphs.
  if (left.buffer === right.buffer && left.byteOffset === right.byteOffset) return true;
  return left.every((byte, index) => byte === right[index]);
}

/** Undefined where the arrays are no vectors of whole numbers that grow evenly. */
function batchVector(arrays: Three<NdArray>): BatchVector | undefined {
  const [first] = arrays;
  if (arrays.some(({ dtype, shape }) => dtype !== "int64" || shape.length !== 1 || shape[0] !== first.shape[0])) return undefined;
  const [two, three, five] = eachOf(arrays, ({ data }) => Array.from(data as BigInt64Array, Number)); // int64, as just seen
  const slope = two.map((value, index) => three[index]! - value);
  const offset = two.map((value, index) => value - COMPARED[0] * slope[index]!);
  return five.every((value, index) => value === offset[index]! + COMPARED[2] * slope[index]!) ? { offset, slope } : undefined;
}

/** Inputs and outputs by name, as each graph has them. */
function facesOf(graphs: Three<Graph>): Map<string, Three<Tensor>> {
  const named = eachOf(
    graphs,
    ({ inputs, outputs }) => new Map([...inputs.map((input) => [input.name, input] as const), ...outputs]),
  );
  const faces = new Map<string, Three<Tensor>>();
  for (const name of named[0].keys()) {
    const [one, two, three] = eachOf(named, (face) => face.get(name));
    if (!one || !two || !three) throw differs(graphs[0], `"${name}"`);
    faces.set(name, [one, two, three]);
  }
  return faces;
}

function freeAxes(graph: Graph, name: string, tensors: Three<Tensor>): ReadonlySet<number> {
  const free = new Set<number>();
  for (const axis of tensors[0].shape.keys()) {
    const sizes = eachOf(tensors, ({ shape }) => shape[axis]);
    if (new Set(sizes).size === 1) continue;
    if (`${sizes}` !== `${COMPARED}`) throw differs(graph, `axis ${axis} of "${name}"`);
    free.add(axis);
  }
  return free;
}

function differs({ name }: Graph, what: string): ShapeError {
  return new ShapeError(`graph ${name}: expected a network that is the same for any number of images, but ${what} differs.`);
}

// Shapes that depend on the number of images, as ONNX computes them while it runs.
import { int64, type NdArray } from "#base/array";
import { ProtoWriter } from "#base/files";
import type { GraphNode } from "#engine/graph";
import type { BatchVector, FreeBatch } from "./free-batch.ts";

/** What a model needs besides the graph: names for operands, their constants, and the nodes (NodeProto) that compute them. */
export interface BatchOperands {
  nameOf(node: GraphNode, place: number): string | undefined;
  readonly initializers: ReadonlyMap<string, NdArray>;
  readonly nodes: readonly ProtoWriter[];
}

// A name of the graph's own never begins so: it begins with a layer, an operator or an input.
const NUM_IMAGES = "~images";

/**
 * Reshape works out one size by itself (-1); any other vector is offset + slope x the number of images, which is read off an input.
 * `nodes` are all that will be printed.
 */
export function batchOperands({ graph, operandOf, isFree }: FreeBatch, nodes: readonly GraphNode[]): BatchOperands {
  const initializers = new Map<string, NdArray>();
  const written: ProtoWriter[] = [];
  const known = new Map<string, string>();
  const constant = (values: readonly number[]): string => {
    const name = `~[${values}]`;
    initializers.set(name, int64([values.length], values));
    return name;
  };
  const numImages = (): string => {
    if (known.has(NUM_IMAGES)) return NUM_IMAGES;
    known.set(NUM_IMAGES, NUM_IMAGES);
    const source = graph.inputs.find(({ name, shape }) => shape.some((_, axis) => isFree(name, axis)));
    if (!source) throw new Error(`internal: graph ${graph.name}: shapes depend on the number of images, but no input has it.`);
    const axis = source.shape.findIndex((_, index) => isFree(source.name, index));
    written.push(node("Shape", [source.name], `${NUM_IMAGES}/shape`));
    written.push(node("Gather", [`${NUM_IMAGES}/shape`, constant([axis])], NUM_IMAGES));
    return NUM_IMAGES;
  };
  const computed = ({ offset, slope }: BatchVector): string => {
    const key = `~${offset} + ${slope} x images`;
    if (known.has(key)) return key;
    known.set(key, key);
    written.push(node("Mul", [numImages(), constant(slope)], `${key}/product`));
    written.push(node("Add", [`${key}/product`, constant(offset)], key));
    return key;
  };
  const names = new Map<GraphNode, Map<number, string>>();
  for (const one of nodes) {
    for (const place of one.inputs.keys()) {
      const vector = operandOf(one, place);
      if (!vector) continue;
      const inferred = one.op === "Reshape" ? withOneLeftOut(vector) : undefined;
      const name = inferred ? constant(inferred) : computed(vector);
      names.set(one, (names.get(one) ?? new Map<number, string>()).set(place, name));
    }
  }
  return { nameOf: (one, place) => names.get(one)?.get(place), initializers, nodes: written };
}

/** A shape with -1 for the one size that depends on the number of images; undefined where that is not all. */
function withOneLeftOut({ offset, slope }: BatchVector): readonly number[] | undefined {
  const free = slope.flatMap((value, index) => (value === 0 ? [] : [index]));
  const rest = offset.filter((_, index) => !free.includes(index));
  return free.length === 1 && rest.every((size) => size > 0) ? offset.with(free[0]!, -1) : undefined;
}

function node(op: string, inputs: readonly string[], output: string): ProtoWriter {
  const message = new ProtoWriter();
  for (const input of inputs) message.string(1, input);
  return message.string(2, output).string(3, output).string(4, op);
}

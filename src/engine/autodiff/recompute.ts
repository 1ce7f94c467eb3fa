// Activation recomputation (Chen et al. 2016): parts of a graph run a second time on the way back, so that what is inside them need not be kept.
import {
  abs,
  add,
  cast,
  firstElements,
  type Graph,
  type GraphNode,
  isFloat,
  mul,
  neg,
  reduceSum,
  type Tensor,
} from "#engine/graph";
import { addCotangent, type BackwardPass, walkBack } from "./backward-pass.ts";

/**
 * Nodes of a graph, one after the other as they stand in it. Of their results only those are kept for the way back that nodes
 * outside need; the others are computed again from the tensors that come in from nodes before.
 */
export type Segment = readonly GraphNode[];

/** Runs of nodes whose names begin alike, by what `pattern` (anchored with ^) matches of them: "student/blocks.3/". */
export function segmentsByScope({ nodes }: Graph, pattern: RegExp): readonly Segment[] {
  const segments: GraphNode[][] = [];
  let scope: string | undefined;
  for (const node of nodes) {
    const found = pattern.exec(node.name)?.[0];
    if (found !== undefined && found === scope) segments.at(-1)!.push(node);
    else if (found !== undefined) segments.push([node]);
    scope = found;
  }
  return segments;
}

/**
 * Walks back over `nodes`; each segment among them is added to the graph again just before its cotangents are.
 *
 * ONNX Runtime runs a node as soon as it likes after its operands, and merges nodes that are alike. So what goes into a segment
 * the second time is tied to the cotangents that come back to it and to every gradient of the segment before: nothing of it can
 * run, or be merged, before those are there, and what was computed again for the segment before is free by then.
 */
export function walkBackRecomputing(pass: BackwardPass, nodes: readonly GraphNode[], segments: readonly Segment[]): void {
  const segmentOf = new Map(segments.flatMap((segment) => segment.map((node) => [node, segment] as const)));
  let finished: readonly Tensor[] = [];
  for (const node of nodes.toReversed()) {
    const segment = segmentOf.get(node);
    if (!segment) walkBack(pass, node);
    else if (node === segment.at(-1)) finished = walkBackSegment(pass, segment, finished);
  }
}

/** Walks back through one segment; gives the cotangents that lead out of it. */
function walkBackSegment(pass: BackwardPass, segment: Segment, finished: readonly Tensor[]): readonly Tensor[] {
  const { graph, cotangents, dependents } = pass;
  const outputs = segment.flatMap((node) => node.outputs);
  const incoming = outputs.flatMap((output) => cotangents.get(output.name) ?? []);
  if (incoming.length === 0) return finished;

  const entries = operandsFromOutside(segment).filter((tensor) => graph.producerOf(tensor) && isFloat(tensor.dtype));
  const again = graph.scope("recompute", () => tied(entries, [...incoming, ...finished]));
  const nodesAgain = segment.map((node) => computedAgain(graph, node, again));
  for (const node of segment) addCompositeAgain(graph, node, again);
  for (const [name, { name: nameAgain }] of again) {
    if (dependents.has(name)) dependents.add(nameAgain);
    const cotangent = cotangents.get(name);
    // An entry's cotangent so far is from users outside the segment.
    if (cotangent && !entries.some((entry) => entry.name === name)) cotangents.set(nameAgain, cotangent);
  }
  for (const node of nodesAgain.toReversed()) walkBack(pass, node);
  for (const entry of entries) {
    const cotangent = cotangents.get(again.get(entry.name)!.name); // made for every entry
    if (cotangent) addCotangent(pass, entry, cotangent);
  }
  return operandsFromOutside(segment).flatMap(({ name }) => cotangents.get(name) ?? []);
}

function operandsFromOutside(segment: Segment): readonly Tensor[] {
  const inside = new Set(segment.flatMap(({ outputs }) => outputs.map(({ name }) => name)));
  const operands = new Map(segment.flatMap(({ inputs }) => inputs.map((input) => [input.name, input] as const)));
  return [...operands.values()].filter(({ name }) => !inside.has(name));
}

/** The node over operands that are computed again; the node itself where none is. Its outputs join `again`. */
function computedAgain(graph: Graph, node: GraphNode, again: Map<string, Tensor>): GraphNode {
  if (!node.inputs.some(({ name }) => again.has(name))) return node;
  const operands = node.inputs.map((input) => again.get(input.name) ?? input);
  const outputs = graph.scope(`recompute/${node.name}`, () => graph.add(node.op, operands, node.attributes));
  for (const [index, { name }] of node.outputs.entries()) again.set(name, outputs[index]!);
  return graph.producerOf(outputs[0]!)!; // it was just added
}

/** A composite that ends in a node is one when computed again, too. */
function addCompositeAgain(graph: Graph, node: GraphNode, again: ReadonlyMap<string, Tensor>): void {
  const composite = graph.compositeOf(node.outputs[0]!); // every operator gives something
  const output = composite && again.get(composite.output.name);
  if (!output) return;
  const mapped = (tensors: readonly Tensor[]) => tensors.map((tensor) => again.get(tensor.name) ?? tensor);
  graph.addComposite({ ...composite, inputs: mapped(composite.inputs), kept: mapped(composite.kept), output });
}

/** The entries unchanged, by name, but known only when every one of `others` is; NaN where one of these is not finite. */
function tied(entries: readonly Tensor[], others: readonly Tensor[]): Map<string, Tensor> {
  // -0 changes nothing that it is added to; +0 would turn -0 into +0.
  const zero = neg(abs(reduceSum(mul(firstElements(others), 0))));
  return new Map(entries.map((entry) => [entry.name, add(entry, entry.dtype === zero.dtype ? zero : cast(zero, entry.dtype))]));
}

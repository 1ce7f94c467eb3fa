// The slow truth: a graph's value in float64, straight from the operators' definitions.
import { halfValue, type NdArray, sizeOf } from "#base/array";
import type { Graph, GraphNode } from "./graph.ts";
import { neededNodes } from "./needed-nodes.ts";
import type { OpName } from "./op-attributes.ts";
import type { HostTensor, OpRule } from "./op-rule.ts";
import { OP_RULES } from "./rules/index.ts";
import { ShapeError, shapeText } from "./shape-error.ts";

/** Values by name. */
export type EvaluatedTensors = Map<string, HostTensor>;

/** A host array as the evaluator holds it. */
export function hostTensorOf(array: NdArray): HostTensor {
  const { dtype, shape, data } = array;
  return {
    shape,
    data: dtype === "float16" ? Float64Array.from(data as Uint16Array, halfValue) : Float64Array.from(data, Number),
  }; // raw bits
}

/**
 * The outputs of a graph in float64, whatever its element types say; constants keep the precision they were given in.
 * `feeds` has a value for every input that the outputs need. Throws ShapeError on a missing or misshapen one.
 */
export function evaluateGraph(graph: Graph, feeds: ReadonlyMap<string, HostTensor>): EvaluatedTensors {
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  const values = new Map<string, HostTensor>();
  const lookUp = (name: string): HostTensor => {
    const known = values.get(name);
    if (known) return known;
    const input = inputs.get(name);
    const value = input ? fedValue(graph, input.shape, name, feeds) : constantValue(graph, name);
    values.set(name, value);
    return value;
  };
  for (const node of neededNodes(graph)) {
    const results = evaluateNode(node, lookUp);
    for (const [index, output] of node.outputs.entries()) values.set(output.name, results[index]!);
  }
  return new Map([...graph.outputs].map(([name, tensor]) => [name, lookUp(tensor.name)]));
}

function fedValue(graph: Graph, shape: readonly number[], name: string, feeds: ReadonlyMap<string, HostTensor>): HostTensor {
  const fed = feeds.get(name);
  if (!fed) throw new ShapeError(`graph ${graph.name}: expected a value for the input "${name}", got none.`);
  if (shapeText(fed.shape) !== shapeText(shape) || fed.data.length !== sizeOf(shape)) {
    const got = `${shapeText(fed.shape)} with ${fed.data.length} elements`;
    throw new ShapeError(`graph ${graph.name}: input "${name}": expected shape ${shapeText(shape)}, got ${got}.`);
  }
  return fed;
}

function constantValue(graph: Graph, name: string): HostTensor {
  const constant = graph.constants.get(name);
  if (!constant) throw new Error(`internal: evaluateGraph: no node, input or constant of graph ${graph.name} gives "${name}".`);
  return hostTensorOf(constant);
}

function evaluateNode<Op extends OpName>(node: GraphNode<Op>, lookUp: (name: string) => HostTensor): readonly HostTensor[] {
  const rule: OpRule<Op> = OP_RULES[node.op];
  return rule.evaluate(
    node.inputs.map((input) => lookUp(input.name)),
    node.attributes,
    node.outputs,
  );
}

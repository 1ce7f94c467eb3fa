// Numbers in and out of the float64 evaluator, for tests that build a small graph and look at what it says.
import { sizeOf } from "#base/array";
import { evaluateGraph, Graph, type HostTensor, type Tensor } from "#engine/graph";

/** A value of the evaluator from plain numbers. */
export function hostTensor(shape: readonly number[], values: ArrayLike<number>): HostTensor {
  if (values.length !== sizeOf(shape))
    throw new RangeError(`test: expected ${sizeOf(shape)} values for [${shape}], got ${values.length}.`);
  return { shape, data: Float64Array.from(values) };
}

/**
 * Builds a graph over inputs of the given values, and evaluates everything that `build` returns, by name.
 * Inputs are float32 in the graph; the evaluator computes with doubles all the same.
 */
export function evaluated(
  feeds: Readonly<Record<string, HostTensor>>,
  build: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
): ReadonlyMap<string, HostTensor> {
  const graph = new Graph("test");
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, graph.input(name, shape)]));
  for (const [name, tensor] of Object.entries(build(inputs))) graph.output(name, tensor);
  return evaluateGraph(graph, new Map(Object.entries(feeds)));
}

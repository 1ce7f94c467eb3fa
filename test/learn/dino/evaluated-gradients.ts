// The first half of a step by the float64 evaluator: the graphs that a training step runs, one after the other.
import { zeros } from "#base/array";
import { evaluateGraph, type Graph, type HostTensor, hostTensorOf } from "#engine/graph";
import {
  buildPassGraph,
  buildPrototypeGraph,
  buildSquaresGraph,
  buildTargetGraph,
  type NetworkConfig,
  networkParameters,
  type PassKind,
  pairWeights,
  passKinds,
  passViews,
  type StepBatch,
  type StepShape,
} from "#learn/dino";
import { hostTensor } from "../../engine/host-tensors.ts";

/** What the evaluator makes of a graph whose inputs are given by name; those that it does not ask for are left out. */
export function evaluatedGraph(graph: Graph, values: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> {
  return evaluateGraph(graph, new Map(graph.inputs.map(({ name }) => [name, values.get(name)!])));
}

/** Loss, `batchCenter`, `teacherEntropy`, `gradient.*` and `gradientSquares` of a batch whose arrays are among `values` as well. */
export function evaluatedGradients(
  config: NetworkConfig,
  shape: StepShape,
  values: ReadonlyMap<string, HostTensor>,
  batch: StepBatch,
  kinds: readonly PassKind[] = passKinds(config, shape),
): Map<string, HostTensor> {
  const known = new Map(values);
  for (const { name, shape: sides } of networkParameters(config))
    known.set(`gradient.${name}`, hostTensorOf(zeros("float32", sides)));
  const take = (outputs: ReadonlyMap<string, HostTensor>) => {
    for (const [name, value] of outputs) known.set(name.startsWith("next.") ? name.slice("next.".length) : name, value);
  };
  take(evaluatedGraph(buildTargetGraph(config, shape), known));
  let [loss, numPasses] = [0, 0];
  for (const kind of kinds) {
    for (let pass = 0; pass < kind.numPasses; pass++, numPasses++) {
      for (const [name, array] of passViews(batch, kind, pass)) known.set(name, hostTensorOf(array));
      const first = kind.firstRow + pass * kind.numImages;
      known.set("pairWeights", hostTensorOf(pairWeights(shape, { first, count: kind.numImages })));
      const outputs = evaluatedGraph(
        buildPassGraph(config, shape, kind, numPasses > 0 || kind.numPasses > 1 ? "add" : "replace"),
        known,
      );
      loss += outputs.get("loss")!.data[0]!;
      take(outputs);
      for (const name of ["bottleneckRows", "logitCotangents", "logitDots"])
        known.set(`${name}.${numPasses}`, outputs.get(name)!);
    }
  }
  take(evaluatedGraph(buildPrototypeGraph(config, kinds, "replace"), known));
  const flat = [...known].filter(([name]) => name.startsWith("gradient."));
  take(evaluatedGraph(buildSquaresGraph(config, 1), new Map(flat.map(([name, value]) => [name, asFed(value)]))));
  return known.set("loss", hostTensor([], [loss]));
}

/** Without the sizes of 1 at its end, as updates take their arrays. */
function asFed({ shape, data }: HostTensor): HostTensor {
  return { shape: shape.slice(0, shape.findLastIndex((size) => size !== 1) + 1), data };
}

// One update of any set of parameters as a graph of its own, each with its own share of the learning rate.
import { Graph, split, type Tensor } from "#engine/graph";
import { type GroupSettings, OPTIMISERS, type OptimiserName } from "./optimisers.ts";
import { parameterInputs } from "./parameters.ts";
import { updateShape } from "./update-pieces.ts";

/** A parameter as an optimiser sees it. */
export interface OptimisedParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** The learning rate is multiplied by it (layer-wise decay). */
  readonly rateScale: number;
  readonly isDecayed: boolean;
}

/** The output that replaces an input: ONNX wants every value in a graph to have a name of its own. */
export function nextName(input: string): string {
  return `next.${input}`;
}

/**
 * Every array has its `updateShape`. Inputs: `parameter.*`, `gradient.*`, `<optimiser state>.*`, `clip` [P] (a factor of each
 * gradient, in the order of `parameters`) and the scalars that `optimiserScalars` gives. Outputs, named after the inputs they
 * replace by `nextName`: `parameter.*`, `<optimiser state>.*`. They may overwrite what they replace.
 */
export function buildOptimiserGraph(parameters: readonly OptimisedParameter[], optimiserName: OptimiserName): Graph {
  const graph = new Graph("optimiser");
  const optimiser = OPTIMISERS[optimiserName];
  const flat = parameters.map(({ name, shape }) => ({ name, shape: updateShape(shape), initial: { kind: "zeros" as const } }));
  const values = parameterInputs(graph, flat, "parameter.");
  const gradients = parameterInputs(graph, flat, "gradient.");
  const states = optimiser.stateNames.map((name) => parameterInputs(graph, flat, `${name}.`));
  const scalars = new Map(
    [...new Set(parameters.map(groupOf))].map((group) => [group, scalarInputs(graph, group, optimiser.scalarNames)]),
  );
  const clips = split(graph.input("clip", [parameters.length]), new Array<number>(parameters.length).fill(1), 0);

  for (const [index, optimised] of parameters.entries()) {
    const { name } = optimised;
    const next = optimiser.update({
      parameter: values.get(name)!,
      gradient: gradients.get(name)!,
      clip: clips[index]!,
      states: states.map((state) => state.get(name)!),
      scalars: scalars.get(groupOf(optimised))!,
    });
    graph.output(nextName(`parameter.${name}`), next.parameter);
    for (const [which, state] of next.states.entries()) graph.output(nextName(`${optimiser.stateNames[which]!}.${name}`), state);
  }
  return graph;
}

/** What the graph of the same parameters is fed at one step besides arrays, by input name. */
export function optimiserScalars(
  parameters: readonly OptimisedParameter[],
  optimiserName: OptimiserName,
  { learningRate, weightDecay, numUpdates }: Omit<GroupSettings, "isFrozen">,
): Map<string, number> {
  const scalars = new Map<string, number>();
  for (const parameter of parameters) {
    const values = OPTIMISERS[optimiserName].scalarsAt({
      learningRate: learningRate * parameter.rateScale,
      weightDecay: parameter.isDecayed ? weightDecay : 0,
      numUpdates,
      isFrozen: false,
    });
    for (const [name, value] of Object.entries(values)) scalars.set(`${groupOf(parameter)}.${name}`, value);
  }
  return scalars;
}

/** Parameters with the same settings share their scalars. */
function groupOf({ rateScale, isDecayed }: OptimisedParameter): string {
  return `${isDecayed ? "decayed" : "undecayed"} x ${rateScale}`;
}

function scalarInputs(graph: Graph, group: string, names: readonly string[]): Record<string, Tensor> {
  return Object.fromEntries(names.map((name) => [name, graph.input(`${group}.${name}`, [])]));
}

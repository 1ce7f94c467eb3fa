// Second half of a training step: gradients, state and the schedules' values in; the new state out, over the old one.
import { Graph, split, type Tensor } from "#engine/graph";
import { nextName, OPTIMISERS, type OptimiserName, type ParameterSpec, parameterInputs, updateShape } from "#engine/nn";
import { movingAverage } from "./loss.ts";
import { groupOf, type NetworkConfig, networkParameters, PARAMETER_GROUPS } from "./network.ts";

const updated = (specs: readonly ParameterSpec[]) => specs.map((spec) => ({ ...spec, shape: updateShape(spec.shape) }));

/**
 * Every array has its `updateShape`. Inputs: `gradient.*`, `student.*`, `teacher.*`, `<optimiser state>.*`, `center`, `batchCenter`, `clip` [P], the optimiser's scalars as
 * `<group>.<scalar>`, and `teacherMomentum`, `oneMinusTeacherMomentum`, `centerMomentum`, `oneMinusCenterMomentum`.
 * Outputs, named after the inputs they replace by `nextName`: `student.*`, `teacher.*`, `<optimiser state>.*`, `center`.
 */
export function buildUpdateGraph(config: NetworkConfig, optimiserName: OptimiserName): Graph {
  const graph = new Graph("dino-update");
  const specs = networkParameters(config);
  const flat = updated(specs);
  const optimiser = OPTIMISERS[optimiserName];
  const gradients = parameterInputs(graph, flat, "gradient.");
  const student = parameterInputs(graph, flat, "student.");
  const teacher = parameterInputs(graph, flat, "teacher.");
  const states = optimiser.stateNames.map((name) => parameterInputs(graph, flat, `${name}.`));
  const scalars = groupScalars(graph, optimiser.scalarNames);
  const [teacherMomentum, oneMinusTeacherMomentum] = [
    graph.input("teacherMomentum", []),
    graph.input("oneMinusTeacherMomentum", []),
  ];
  const clips = split(graph.input("clip", [specs.length]), new Array<number>(specs.length).fill(1), 0);

  for (const [index, spec] of specs.entries()) {
    // Everything about one parameter together, so that its arrays are still in the cache for the next rule.
    const next = optimiser.update({
      parameter: student.get(spec.name)!,
      gradient: gradients.get(spec.name)!,
      clip: clips[index]!,
      states: states.map((state) => state.get(spec.name)!),
      scalars: scalars[groupOf(spec)],
    });
    graph.output(nextName(`student.${spec.name}`), next.parameter);
    for (const [which, state] of next.states.entries())
      graph.output(nextName(`${optimiser.stateNames[which]!}.${spec.name}`), state);
    const followed = movingAverage(teacher.get(spec.name)!, next.parameter, teacherMomentum, oneMinusTeacherMomentum);
    graph.output(nextName(`teacher.${spec.name}`), followed);
  }
  addCenterUpdate(graph, config);
  return graph;
}

function addCenterUpdate(graph: Graph, config: NetworkConfig): void {
  const { name, shape } = batchCenterSpec(config);
  const [momentum, rest] = [graph.input("centerMomentum", []), graph.input("oneMinusCenterMomentum", [])];
  graph.output(nextName("center"), movingAverage(graph.input("center", shape), graph.input(name, shape), momentum, rest));
}

function batchCenterSpec({ head }: NetworkConfig): Pick<ParameterSpec, "name" | "shape"> {
  return { name: "batchCenter", shape: [1, head.numPrototypes] };
}

function groupScalars(graph: Graph, scalarNames: readonly string[]) {
  const entries = PARAMETER_GROUPS.map((group) => {
    const scalars = scalarNames.map((name) => [name, graph.input(`${group}.${name}`, [])] as const);
    return [group, Object.fromEntries(scalars)] as const;
  });
  return Object.fromEntries(entries) as Record<(typeof PARAMETER_GROUPS)[number], Record<string, Tensor>>; // one entry a group, just made
}

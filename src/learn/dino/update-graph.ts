// Second half of a training step: gradients, state and the schedules' values in; the new state out, over the old one.
import { Graph, split, type Tensor } from "#engine/graph";
import { nextName, OPTIMISERS, type OptimiserName, updatePieces } from "#engine/nn";
import { movingAverage } from "./loss.ts";
import { groupOf, type NetworkConfig, networkParameters, PARAMETER_GROUPS } from "./network.ts";

/**
 * Every array goes in as its `updatePieces` of at most `mostElements`, which an optimiser that is not element by element must leave out.
 * Inputs: `gradient.*`, `student.*`, `teacher.*`, `<optimiser state>.*`, `center`, `batchCenter`, `clip` [P], the optimiser's scalars as
 * `<group>.<scalar>`, and `teacherMomentum`, `oneMinusTeacherMomentum`, `centerMomentum`, `oneMinusCenterMomentum`.
 * Outputs, named after the inputs they replace by `nextName`: `student.*`, `teacher.*`, `<optimiser state>.*`, `center`.
 */
export function buildUpdateGraph(
  config: NetworkConfig,
  optimiserName: OptimiserName,
  mostElements = Number.POSITIVE_INFINITY,
): Graph {
  const graph = new Graph("dino-update");
  const specs = networkParameters(config);
  const optimiser = OPTIMISERS[optimiserName];
  const scalars = groupScalars(graph, optimiser.scalarNames);
  const [teacherMomentum, oneMinusTeacherMomentum] = [
    graph.input("teacherMomentum", []),
    graph.input("oneMinusTeacherMomentum", []),
  ];
  const clips = split(graph.input("clip", [specs.length]), new Array<number>(specs.length).fill(1), 0);

  for (const [index, spec] of specs.entries()) {
    for (const { name, shape } of updatePieces(spec, mostElements)) {
      // Everything about one piece together, so that its arrays are still in the cache for the next rule.
      const next = optimiser.update({
        parameter: graph.input(`student.${name}`, shape),
        gradient: graph.input(`gradient.${name}`, shape),
        clip: clips[index]!,
        states: optimiser.stateNames.map((state) => graph.input(`${state}.${name}`, shape)),
        scalars: scalars[groupOf(spec)],
      });
      graph.output(nextName(`student.${name}`), next.parameter);
      for (const [which, state] of next.states.entries())
        graph.output(nextName(`${optimiser.stateNames[which]!}.${name}`), state);
      const teacher = graph.input(`teacher.${name}`, shape);
      const followed = movingAverage(teacher, next.parameter, teacherMomentum, oneMinusTeacherMomentum);
      graph.output(nextName(`teacher.${name}`), followed);
    }
  }
  addCenterUpdate(graph, config, mostElements);
  return graph;
}

function addCenterUpdate(graph: Graph, { head }: NetworkConfig, mostElements: number): void {
  const [momentum, rest] = [graph.input("centerMomentum", []), graph.input("oneMinusCenterMomentum", [])];
  const piecesOf = (name: string) => updatePieces({ name, shape: [1, head.numPrototypes] }, mostElements);
  const recent = piecesOf("batchCenter");
  for (const [place, { name, shape }] of piecesOf("center").entries()) {
    const [old, batch] = [graph.input(name, shape), graph.input(recent[place]!.name, shape)]; // as many pieces
    graph.output(nextName(name), movingAverage(old, batch, momentum, rest));
  }
}

function groupScalars(graph: Graph, scalarNames: readonly string[]) {
  const entries = PARAMETER_GROUPS.map((group) => {
    const scalars = scalarNames.map((name) => [name, graph.input(`${group}.${name}`, [])] as const);
    return [group, Object.fromEntries(scalars)] as const;
  });
  return Object.fromEntries(entries) as Record<(typeof PARAMETER_GROUPS)[number], Record<string, Tensor>>; // one entry a group, just made
}

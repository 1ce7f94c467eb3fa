// Everything a training run must remember: two networks, the optimiser's arrays, the center, and how far it has come.
import { type NdArray, zeros } from "#base/array";
import { OPTIMISERS, type OptimiserName, sampleParameters } from "#engine/nn";
import { type NetworkConfig, networkBuffers, networkParameters, PARAMETER_GROUPS, type ParameterGroup } from "./network.ts";

/** Counters of a run. `step` counts optimiser updates over the whole run, `stepInEpoch` those of the epoch under way. */
export interface TrainingCounters {
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly step: number;
  /** Updates that each parameter group has had: frozen prototypes fall behind. */
  readonly numUpdates: Readonly<Record<ParameterGroup, number>>;
}

/** `arrays` are `student.*`, `teacher.*` (parameters and buffers), `<optimiser state>.*` and `center`; a step overwrites them in place. */
export interface TrainingState {
  readonly arrays: ReadonlyMap<string, NdArray<"float32">>;
  readonly counters: TrainingCounters;
}

/** The first array with a value that is not finite, by its name; undefined where all are finite. */
export function firstNotFinite({ arrays }: TrainingState): string | undefined {
  for (const [name, { data }] of arrays) {
    // A sum of finite float32 values cannot overflow a double; one that is not finite stays so in it.
    let sum = 0;
    for (let index = 0; index < data.length; index++) sum += data[index]!;
    if (!Number.isFinite(sum)) return name;
  }
  return undefined;
}

/** Name and shape of every array of a state. */
export function stateShapes(config: NetworkConfig, optimiserName: OptimiserName): Map<string, readonly number[]> {
  const kinds = ["student", "teacher", ...OPTIMISERS[optimiserName].stateNames];
  const specs = networkParameters(config);
  const shapes = kinds.flatMap((kind) => specs.map(({ name, shape }) => [`${kind}.${name}`, shape] as const));
  const buffers = bufferNames(config).map(({ name, shape }) => [name, shape] as const);
  return new Map([...shapes, ...buffers, ["center", [1, config.head.numPrototypes]]]);
}

/** Name and shape of the buffers of both networks, as a state names them. */
export function bufferNames(config: NetworkConfig): { readonly name: string; readonly shape: readonly number[] }[] {
  const buffers = networkBuffers(config);
  return ["student", "teacher"].flatMap((kind) => buffers.map(({ name, shape }) => ({ name: `${kind}.${name}`, shape })));
}

/** The state before the first step: the teacher begins as the student's copy, everything else at zero. */
export function initialState(config: NetworkConfig, optimiserName: OptimiserName, seed: number): TrainingState {
  const parameters = sampleParameters([...networkParameters(config), ...networkBuffers(config)], seed);
  const arrays = new Map<string, NdArray<"float32">>();
  for (const [name, shape] of stateShapes(config, optimiserName)) {
    const [, kind, parameter] = /^(student|teacher)\.(.*)$/.exec(name) ?? [];
    const sampled = parameter === undefined ? undefined : parameters.get(parameter)!; // stateShapes names the same parameters
    if (!sampled) arrays.set(name, zeros("float32", shape));
    else arrays.set(name, kind === "student" ? sampled : { ...sampled, data: sampled.data.slice() });
  }
  const numUpdates = Object.fromEntries(PARAMETER_GROUPS.map((group) => [group, 0])) as Record<ParameterGroup, number>; // one entry a group
  return { arrays, counters: { epoch: 0, stepInEpoch: 0, step: 0, numUpdates } };
}

// Everything a training run must remember: two networks, the optimiser's arrays, the center, and how far it has come.
import { type NdArray, zeros } from "#base/array";
import { OPTIMISERS, type OptimiserName, sampleParameters } from "#engine/nn";
import { type NetworkConfig, networkParameters, PARAMETER_GROUPS, type ParameterGroup } from "./network.ts";

/** Counters of a run. `step` counts optimiser updates over the whole run, `stepInEpoch` those of the epoch under way. */
export interface TrainingCounters {
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly step: number;
  /** Updates that each parameter group has had: frozen prototypes fall behind. */
  readonly numUpdates: Readonly<Record<ParameterGroup, number>>;
}

/** `arrays` are `student.*`, `teacher.*`, `<optimiser state>.*` and `center`; a step overwrites them in place. */
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

/** The state before the first step: the teacher begins as the student's copy, everything else at zero. */
export function initialState(config: NetworkConfig, optimiserName: OptimiserName, seed: number): TrainingState {
  const specs = networkParameters(config);
  const arrays = new Map<string, NdArray<"float32">>();
  for (const [name, array] of sampleParameters(specs, seed)) {
    arrays.set(`student.${name}`, array);
    arrays.set(`teacher.${name}`, { ...array, data: array.data.slice() });
  }
  for (const stateName of OPTIMISERS[optimiserName].stateNames) {
    for (const { name, shape } of specs) arrays.set(`${stateName}.${name}`, zeros("float32", shape));
  }
  arrays.set("center", zeros("float32", [1, config.head.numPrototypes]));
  const numUpdates = Object.fromEntries(PARAMETER_GROUPS.map((group) => [group, 0])) as Record<ParameterGroup, number>; // one entry a group
  return { arrays, counters: { epoch: 0, stepInEpoch: 0, step: 0, numUpdates } };
}

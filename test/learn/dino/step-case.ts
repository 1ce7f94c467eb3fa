// One DINO step as test/reference/dino_step.py describes it: what goes in, what comes out, and how it is compared.
import assert from "node:assert/strict";
import { type NdArray, ndArray } from "#base/array";
import type { Safetensors } from "#base/files";
import { OPTIMISERS, type OptimiserName } from "#engine/nn";
import {
  bufferNames,
  type DinoConfig,
  dinoConfigSchema,
  type NetworkConfig,
  networkParameters,
  PARAMETER_GROUPS,
  type ParameterGroup,
  type StepBatch,
  type StepShape,
  type TrainingState,
} from "#learn/dino";
import type { StepSettings } from "#learn/dino/native";
import { assertClose, lengthOf } from "../../compare.ts";

/** The metadata "case" of a reference file: everything about a step but its arrays. */
export interface StepCase extends NetworkConfig, Omit<StepShape, "dropPath" | "recompute" | "precision"> {
  readonly teacherTemperature: number;
  readonly teacherMomentum: number;
  readonly centerMomentum: number;
  readonly maxGradientNorm: number;
  readonly arePrototypesFrozen: boolean;
  readonly optimiser: OptimiserName;
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Updates that each parameter group has had before this step. */
  readonly numUpdates: Readonly<Record<ParameterGroup, number>>;
}

export const stepCaseOf = ({ metadata }: Safetensors): StepCase => JSON.parse(metadata["case"]!);

/** One array of a reference file, by name; all are float32. */
export function floats(file: Safetensors | TrainingState, name: string): Float32Array {
  const array = ("tensors" in file ? file.tensors : file.arrays).get(name);
  if (!array) throw new Error(`test: the reference file has no "${name}".`);
  return array.data as Float32Array; // the reference writes float32 alone
}

export const stepShapeOf = (step: StepCase): StepShape => ({ ...step, dropPath: "fed" });

/** The same step as a training run's configuration, in `numAccumulatedBatches` batches. */
export function dinoConfigOf(step: StepCase, numAccumulatedBatches = 1): DinoConfig {
  return dinoConfigSchema.parse({
    backbone: step.backbone,
    head: step.head,
    views: {
      numGlobalViews: step.numGlobalViews,
      globalViewSize: step.globalViewSize,
      numLocalViews: step.numLocalViews,
      localViewSize: step.localViewSize,
    },
    batchSize: step.batchSize / numAccumulatedBatches,
    numAccumulatedBatches,
    optimiser: step.optimiser,
    studentTemperature: step.studentTemperature,
    centerMomentum: step.centerMomentum,
    maxGradientNorm: step.maxGradientNorm,
  });
}

export const stepSettingsOf = (step: StepCase): StepSettings => ({
  learningRate: step.learningRate,
  weightDecay: step.weightDecay,
  teacherMomentum: step.teacherMomentum,
  teacherTemperature: step.teacherTemperature,
  arePrototypesFrozen: step.arePrototypesFrozen,
});

/** Every number that the update graph asks for besides arrays, by its name there. */
export function updateScalarsOf(step: StepCase): Map<string, number> {
  const { teacherMomentum, centerMomentum, learningRate } = step;
  const scalars = new Map([
    ["teacherMomentum", teacherMomentum],
    ["oneMinusTeacherMomentum", 1 - teacherMomentum],
    ["centerMomentum", centerMomentum],
    ["oneMinusCenterMomentum", 1 - centerMomentum],
  ]);
  for (const group of PARAMETER_GROUPS) {
    const isFrozen = group === "prototypes" && step.arePrototypesFrozen;
    const weightDecay = group === "undecayed" ? 0 : step.weightDecay;
    const settings = { learningRate, weightDecay, numUpdates: step.numUpdates[group] + 1, isFrozen };
    for (const [name, value] of Object.entries(OPTIMISERS[step.optimiser].scalarsAt(settings)))
      scalars.set(`${group}.${name}`, value);
  }
  return scalars;
}

/** The state before the step, in arrays of its own. The reference leaves out the optimiser's arrays where they are zero. */
export function trainingStateOf(step: StepCase, { tensors }: Safetensors, stateNames: readonly string[]): TrainingState {
  const specs = networkParameters(step);
  const names = ["student", "teacher", ...stateNames].flatMap((prefix) =>
    specs.map(({ name, shape }) => ({ name: `${prefix}.${name}`, shape })),
  );
  const center = { name: "center", shape: [1, step.head.numPrototypes] };
  const arrays = [...names, ...bufferNames(step), center].map(({ name, shape }) => {
    const given = tensors.get(name);
    const size = shape.reduce((product, length) => product * length, 1);
    const data = given ? Float32Array.from(given.data as Float32Array) : new Float32Array(size);
    return [name, ndArray("float32", shape, data)] as const;
  });
  return { arrays: new Map(arrays), counters: { epoch: 0, stepInEpoch: 0, step: 0, numUpdates: step.numUpdates } };
}

const BATCH_ARRAYS = ["globalViews", "localViews", "globalDropPath", "localDropPath"] as const;

/** The step's views and drop-path scales, divided by images into `numBatches` batches. */
export function stepBatchesOf(step: StepCase, file: Safetensors, numBatches = 1): StepBatch[] {
  return Array.from({ length: numBatches }, (_, batch) => {
    const arrays = BATCH_ARRAYS.filter((name) => file.tensors.has(name)).map((name): [string, NdArray<"float32">] => {
      const array = file.tensors.get(name)!;
      const axis = name.endsWith("Views") ? 0 : 1;
      return [name, imagesOf(array, axis, step.batchSize, { batch, numBatches })];
    });
    return new Map(arrays);
  });
}

/** Those images of every view (view-major along `axis`) that fall into one of several equal batches. */
function imagesOf(
  { shape, data }: NdArray,
  axis: number,
  batchSize: number,
  { batch, numBatches }: { readonly batch: number; readonly numBatches: number },
): NdArray<"float32"> {
  const outer = shape.slice(0, axis).reduce((product, length) => product * length, 1);
  const inner = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const share = batchSize / numBatches;
  const kept: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (let row = 0; row < shape[axis]!; row++) {
      if (Math.floor((row % batchSize) / share) !== batch) continue;
      const start = (o * shape[axis]! + row) * inner;
      kept.push(...(data as Float32Array).subarray(start, start + inner));
    }
  }
  return ndArray("float32", shape.with(axis, shape[axis]! / numBatches), Float32Array.from(kept));
}

/**
 * Compares every gradient with the reference's. A key's bias shifts all scores of a query alike, which a softmax does not see:
 * its gradient is exactly zero in theory, so there the length itself must be tiny beside the whole bias's gradient.
 */
export function assertGradients(
  step: StepCase,
  gradientOf: (name: string) => ArrayLike<number>,
  wanted: Safetensors,
  tolerance: number,
): void {
  for (const { name } of networkParameters(step)) {
    const got = Float64Array.from(gradientOf(name));
    const reference = floats(wanted, `gradient.${name}`);
    if (!name.endsWith("attn.qkv.bias")) {
      assertClose(got, reference, tolerance, `gradient of ${name}`);
      continue;
    }
    assertClose(
      withoutKeys(got),
      withoutKeys(Float64Array.from(reference)),
      tolerance,
      `gradient of ${name}, queries and values`,
    );
    const [keys, whole] = [lengthOf(keysOf(got)), lengthOf(reference)];
    assert.ok(keys <= tolerance * whole, `gradient of ${name}, keys: expected a length of nearly 0 beside ${whole}, got ${keys}`);
  }
}

// float32 rounds what a step changes to about 6e-8 of its value, on both sides.
const FLOAT32_ROUNDING = 2e-7;

// No AdamW update is longer, in learning rates, than (1 - 0.9) / sqrt(1 - 0.999) (Kingma & Ba 2015, section 2.1).
const LONGEST_ADAM_STEP = 3.17;

interface StateAfter {
  readonly before: TrainingState;
  readonly after: (name: string) => ArrayLike<number>;
  readonly wanted: Safetensors;
}

/** Compares what a step changed in all of the student's parameters with the reference's, by the length of the whole change. */
export function assertStudentAfter(step: StepCase, { before, after, wanted }: StateAfter, tolerance: number): void {
  let [change, error] = [0, 0];
  for (const name of networkParameters(step).map((parameter) => `student.${parameter.name}`)) {
    const [old, got, reference] = [floats(before, name), after(name), floats(wanted, `after.${name}`)];
    for (const [i, value] of reference.entries()) {
      change += (value - old[i]!) ** 2;
      error += (value - got[i]!) ** 2;
    }
  }
  const message = `the student changed by ${Math.sqrt(change)}; expected an error of at most ${tolerance} of it, got ${Math.sqrt(error)}`;
  assert.ok(error <= tolerance ** 2 * change, message);
}

/**
 * Compares what a step changed with what the reference's step changed, array by array, by the length of the change.
 * Keys' biases have no gradient but rounding, which AdamW blows up to a step: there only a step's length is asked for.
 */
export function assertStateAfter(step: StepCase, { before, after, wanted }: StateAfter, tolerance: number): void {
  for (const [name, { data }] of before.arrays) {
    const hasNoise = step.optimiser === "adamw" && name.endsWith("attn.qkv.bias");
    const [old, got, reference] = [data as Float32Array, after(name), floats(wanted, `after.${name}`)].map((values) =>
      hasNoise ? withoutKeys(Float64Array.from(values)) : Float64Array.from(values),
    ) as [Float64Array, Float64Array, Float64Array]; // as many as went in
    const change = lengthOf(reference.map((value, i) => value - old[i]!));
    const error = lengthOf(reference.map((value, i) => value - got[i]!));
    const allowed = tolerance * change + FLOAT32_ROUNDING * lengthOf(old);
    const message = `${name} after the step: it changed by ${change}; expected an error of at most ${allowed}, got ${error}`;
    assert.ok(error <= allowed, message);
    if (hasNoise && name.startsWith("student.")) assertKeysNear(step, name, after(name), floats(wanted, `after.${name}`));
  }
}

function assertKeysNear({ learningRate }: StepCase, name: string, got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  const [keys, reference] = [keysOf(got), keysOf(wanted)];
  const error = Math.max(...keys.map((value, i) => Math.abs(value - reference[i]!)));
  const allowed = LONGEST_ADAM_STEP * learningRate;
  assert.ok(error <= allowed, `keys of ${name}: expected an error of at most ${allowed}, got ${error}`);
}

const keysOf = (bias: ArrayLike<number>): Float64Array =>
  Float64Array.from(bias).subarray(bias.length / 3, (2 * bias.length) / 3);

const withoutKeys = (bias: Float64Array): Float64Array =>
  bias.filter((_, i) => i < bias.length / 3 || i >= (2 * bias.length) / 3);

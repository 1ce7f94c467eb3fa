// One optimiser step on a device: gradients of one or more batches, then the update in place.
import { type NdArray, ndArray, zeros } from "#base/array";
import { clipFactor, OPTIMISERS } from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays } from "#engine/runtime/native";
import type { DinoConfig } from "./config.ts";
import { expectHalfPrecision } from "./half-precision.ts";
import { networkParameters, PARAMETER_GROUPS, type ParameterGroup } from "./network.ts";
import { lossScaler } from "./scaled-gradients.ts";
import { openBuffers, uploaded } from "./step-buffers.ts";
import { nextNamed, openStepGradients, scalar } from "./step-gradients.ts";
import type { TrainingCounters, TrainingState } from "./training-state.ts";
import { cutForUpdate, mostElementsOf } from "./update-arrays.ts";
import { buildUpdateGraph } from "./update-graph.ts";
import type { StepBatch } from "./view-passes.ts";

/** What the schedules say for one step. */
export interface StepSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly teacherMomentum: number;
  readonly teacherTemperature: number;
  readonly arePrototypesFrozen: boolean;
}

/** What the gradients of a step say, before anything is changed. */
export interface GradientReport {
  readonly loss: number;
  readonly teacherEntropy: number;
  /** Norm over all parameters, before clipping. */
  readonly gradientNorm: number;
  /** [G B, D] of the last batch. */
  readonly teacherEmbeddings: NdArray;
}

/** A step in two halves, so that a caller can refuse the update when the first half is not finite. */
export interface TrainingStep {
  gradients(batches: readonly StepBatch[], settings: StepSettings): Promise<GradientReport>;
  /** Changes the state's arrays in place; returns the updated counts. Only after `gradients`. */
  update(counters: TrainingCounters, settings: StepSettings): Promise<TrainingCounters["numUpdates"]>;
  /** Brings `state.arrays` to what the device holds. On the CPU they are the same; elsewhere they are as old as the last call. */
  settle(): Promise<void>;
  close(): void;
}

/**
 * Opens the sessions of a training step over `state.arrays`, which every update overwrites. Parameters, teacher, optimiser state and
 * gradients stay on the device from step to step; the center alone comes back with every update, for the metrics. Throws ConfigError
 * where 16 bits are asked of a device that does not compute in them.
 */
export async function openTrainingStep(device: Device, config: DinoConfig, state: TrainingState): Promise<TrainingStep> {
  const network = { backbone: config.backbone, head: config.head };
  const specs = networkParameters(network);
  if (config.precision === "float16") await expectHalfPrecision(device);
  const arrays = await uploaded(device, state.arrays);
  const gradients = await uploaded(
    device,
    new Map(specs.map(({ name, shape }) => [`gradient.${name}`, zeros("float32", shape)])),
  );
  const buffers = await openBuffers(device, network, arrays);
  const parameters = parameterArrays(arrays, buffers.current);
  const stepGradients = await openStepGradients(device, config, { state: parameters, buffers, gradients });
  const mostElements = mostElementsOf(device, OPTIMISERS[config.optimiser]);
  const updateSession = device.open(buildUpdateGraph(network, config.optimiser, mostElements));
  let latest: { readonly squares: Float32Array; readonly batchCenter: NdArray } | undefined;

  const gradientsAt = async (
    batches: readonly StepBatch[],
    { teacherTemperature }: StepSettings,
    lossScale?: number,
  ): Promise<GradientReport> => {
    const numBatches = config.numAccumulatedBatches;
    if (batches.length !== numBatches)
      throw new Error(`internal: dino: expected ${numBatches} batches a step, got ${batches.length}.`);
    await buffers.begin();
    const reports = await stepGradients.run(batches, { teacherTemperature, lossScale });
    const squares = await stepGradients.squares();
    latest = { squares, batchCenter: meanOf(reports.map(({ batchCenter }) => batchCenter)) };
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / numBatches;
    return {
      loss: mean(reports.map(({ loss }) => loss)),
      teacherEntropy: mean(reports.map(({ teacherEntropy }) => teacherEntropy)),
      gradientNorm: Math.sqrt(squares.reduce((sum, square) => sum + square, 0)),
      teacherEmbeddings: reports.at(-1)!.teacherEmbeddings, // one batch at least
    };
  };

  const scaler = config.precision === "float16" ? lossScaler() : undefined;
  return {
    gradients: (batches, settings) =>
      scaler ? scaler.scaled((lossScale) => gradientsAt(batches, settings, lossScale)) : gradientsAt(batches, settings),
    async update(counters, settings) {
      if (!latest) throw new Error("internal: dino: an update was asked for before its gradients.");
      const numUpdates = nextUpdateCounts(counters, settings);
      const clip = latest.squares.map((square) => clipFactor(square, config.maxGradientNorm));
      const updated = cutForUpdate(parameters, mostElements);
      const feeds = new Map<string, DeviceArray>([
        ...updated,
        ...cutForUpdate(gradients, mostElements),
        ...cutForUpdate(new Map([["batchCenter", latest.batchCenter]]), mostElements),
        ["clip", ndArray("float32", [specs.length], clip)],
      ]);
      for (const [name, value] of updateScalars(config, numUpdates, settings)) feeds.set(name, scalar(value));
      await updateSession.run(feeds, nextNamed(updated));
      await buffers.finish();
      await device.copy(arrays.get("center")!, state.arrays.get("center")!); // every state has one
      latest = undefined;
      return numUpdates;
    },
    async settle() {
      for (const [name, array] of arrays) await device.copy(array, state.arrays.get(name)!); // uploaded from there
    },
    close() {
      stepGradients.close();
      updateSession.close();
      for (const held of [arrays, gradients, buffers.current, buffers.next]) {
        for (const array of held.values()) device.release(array);
      }
    },
  };
}

/** The mean of arrays of one shape, number by number. */
function meanOf(arrays: readonly NdArray[]): NdArray<"float32"> {
  const [first] = arrays as readonly [NdArray, ...NdArray[]]; // one batch at least
  const mean = new Float32Array(first.data.length);
  for (const { data } of arrays) {
    for (let index = 0; index < mean.length; index++) mean[index]! += Number(data[index]) / arrays.length;
  }
  return ndArray("float32", first.shape, mean);
}

/** The state's arrays without its buffers: what an update changes. */
function parameterArrays(arrays: NamedDeviceArrays, buffers: NamedDeviceArrays): Map<string, DeviceArray> {
  return new Map([...arrays].filter(([name]) => !buffers.has(name)));
}

function nextUpdateCounts(
  { numUpdates }: TrainingCounters,
  { arePrototypesFrozen }: StepSettings,
): TrainingCounters["numUpdates"] {
  const isFrozen = (group: ParameterGroup) => group === "prototypes" && arePrototypesFrozen;
  const counts = PARAMETER_GROUPS.map((group) => [group, numUpdates[group] + (isFrozen(group) ? 0 : 1)] as const);
  return Object.fromEntries(counts) as Record<ParameterGroup, number>; // one entry a group
}

/** Every number that the update graph is fed besides arrays. */
export function updateScalars(
  config: DinoConfig,
  numUpdates: TrainingCounters["numUpdates"],
  settings: StepSettings,
): Map<string, number> {
  const scalars = new Map<string, number>([
    ["teacherMomentum", settings.teacherMomentum],
    ["oneMinusTeacherMomentum", 1 - settings.teacherMomentum],
    ["centerMomentum", config.centerMomentum],
    ["oneMinusCenterMomentum", 1 - config.centerMomentum],
  ]);
  for (const group of PARAMETER_GROUPS) {
    const values = OPTIMISERS[config.optimiser].scalarsAt({
      learningRate: settings.learningRate,
      weightDecay: group === "undecayed" ? 0 : settings.weightDecay,
      numUpdates: numUpdates[group],
      isFrozen: group === "prototypes" && settings.arePrototypesFrozen,
    });
    for (const [name, value] of Object.entries(values)) scalars.set(`${group}.${name}`, value);
  }
  return scalars;
}

// One optimiser step on a device: gradients of one or more batches, then the update in place.
import { type NdArray, ndArray, zeros } from "#base/array";
import { clipFactor, nextName, OPTIMISERS, updateShape } from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays, Session } from "#engine/runtime/native";
import { type DinoConfig, hasDropPath } from "./config.ts";
import { buildGradientGraph, type StepShape } from "./gradient-graph.ts";
import { expectHalfPrecision } from "./half-precision.ts";
import { type NetworkConfig, networkParameters, PARAMETER_GROUPS, type ParameterGroup } from "./network.ts";
import { lossScaler } from "./scaled-gradients.ts";
import { bufferNames, type TrainingCounters, type TrainingState } from "./training-state.ts";
import { buildAccumulationGraph, buildUpdateGraph } from "./update-graph.ts";

/** What the gradient graph is fed of one batch: views, view-major, and the drop-path scales that belong to them. */
export type StepBatch = ReadonlyMap<string, NdArray<"float32">>;

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
  const numBatches = config.numAccumulatedBatches;
  if (config.precision === "float16") await expectHalfPrecision(device);
  const gradientSession = device.open(buildGradientGraph(network, stepShape(config)));
  const updateSession = device.open(buildUpdateGraph(network, config.optimiser));
  const accumulationSession = numBatches > 1 ? device.open(buildAccumulationGraph(network, 1 / numBatches)) : undefined;
  const arrays = await uploaded(device, state.arrays);
  const latest = await uploaded(device, resultArrays(specs, config.head.numPrototypes));
  const sums = accumulationSession ? await uploaded(device, resultArrays(specs, config.head.numPrototypes)) : latest;
  const buffers = await openBuffers(device, network, arrays);
  let gradientSquares: NdArray | undefined;

  const gradientsAt = async (
    batches: readonly StepBatch[],
    settings: StepSettings,
    lossScale?: number,
  ): Promise<GradientReport> => {
    if (batches.length !== numBatches)
      throw new Error(`internal: dino: expected ${numBatches} batches a step, got ${batches.length}.`);
    if (accumulationSession) for (const sum of sums.values()) await clear(device, sum);
    await buffers.begin();
    const outputs: ReadonlyMap<string, NdArray>[] = [];
    for (const batch of batches) {
      const feeds = gradientFeeds(arrays, buffers.current, batch, { ...settings, lossScale });
      const output = await gradientSession.run(feeds, new Map([...latest, ...buffers.next]));
      await buffers.advance();
      outputs.push(output);
      gradientSquares = accumulationSession
        ? await accumulated(accumulationSession, latest, sums)
        : output.get("gradientSquares");
    }
    const mean = (name: string) => outputs.reduce((sum, output) => sum + Number(output.get(name)!.data[0]), 0) / numBatches;
    return {
      loss: mean("loss"),
      teacherEntropy: mean("teacherEntropy"),
      gradientNorm: Math.sqrt((gradientSquares!.data as Float32Array).reduce((sum, square) => sum + square, 0)),
      teacherEmbeddings: outputs.at(-1)!.get("teacherEmbeddings")!,
    };
  };

  const scaler = config.precision === "float16" ? lossScaler() : undefined;
  return {
    gradients: (batches, settings) =>
      scaler ? scaler.scaled((lossScale) => gradientsAt(batches, settings, lossScale)) : gradientsAt(batches, settings),
    async update(counters, settings) {
      if (!gradientSquares) throw new Error("internal: dino: an update was asked for before its gradients.");
      const numUpdates = nextUpdateCounts(counters, settings);
      const clip = (gradientSquares.data as Float32Array).map((square) => clipFactor(square, config.maxGradientNorm));
      const parameters = asUpdated(parameterArrays(arrays, buffers.current));
      const feeds = new Map<string, DeviceArray>([
        ...parameters,
        ...asUpdated(sums),
        ["clip", ndArray("float32", [specs.length], clip)],
      ]);
      for (const [name, value] of updateScalars(config, numUpdates, settings)) feeds.set(name, scalar(value));
      await updateSession.run(feeds, nextNamed(parameters));
      await buffers.finish();
      await device.copy(arrays.get("center")!, state.arrays.get("center")!); // every state has one
      gradientSquares = undefined;
      return numUpdates;
    },
    async settle() {
      for (const [name, array] of arrays) await device.copy(array, state.arrays.get(name)!); // uploaded from there
    },
    close() {
      gradientSession.close();
      updateSession.close();
      accumulationSession?.close();
      for (const held of [arrays, latest, sums, buffers.current, buffers.next]) {
        for (const array of held.values()) device.release(array);
      }
    },
  };
}

function stepShape(config: DinoConfig): StepShape {
  const { views, batchSize, studentTemperature, recompute, precision } = config;
  return {
    batchSize,
    numGlobalViews: views.numGlobalViews,
    globalViewSize: views.globalViewSize,
    numLocalViews: views.numLocalViews,
    localViewSize: views.localViewSize,
    studentTemperature,
    dropPath: hasDropPath(config) ? "fed" : "none",
    recompute,
    precision,
  };
}

/** Arrays for what passes from the first graph to the second: gradients and the batch's center. */
function resultArrays(specs: ReturnType<typeof networkParameters>, numPrototypes: number): Map<string, NdArray<"float32">> {
  const arrays = new Map(specs.map(({ name, shape }) => [`gradient.${name}`, zeros("float32", shape)]));
  return arrays.set("batchCenter", zeros("float32", [1, numPrototypes]));
}

/** The arrays where the device's graphs run. */
async function uploaded(device: Device, arrays: ReadonlyMap<string, NdArray<"float32">>): Promise<Map<string, DeviceArray>> {
  const resident = new Map<string, DeviceArray>();
  for (const [name, array] of arrays) resident.set(name, await device.upload(array));
  return resident;
}

async function clear(device: Device, array: DeviceArray): Promise<void> {
  if ("data" in array)
    (array.data as Float32Array).fill(0); // results are all float32
  else await device.copy(zeros("float32", array.shape), array);
}

/** Running averages while a step is computed: they are the state's again only when its update is made. */
interface StepBuffers {
  /** As the next batch is to find them, and where it leaves what follows, named by `nextName`. */
  readonly current: NamedDeviceArrays;
  readonly next: NamedDeviceArrays;
  begin(): Promise<void>;
  advance(): Promise<void>;
  finish(): Promise<void>;
}

async function openBuffers(device: Device, network: NetworkConfig, arrays: NamedDeviceArrays): Promise<StepBuffers> {
  const names = bufferNames(network);
  const current = await uploaded(device, new Map(names.map(({ name, shape }) => [name, zeros("float32", shape)])));
  const next = await uploaded(device, new Map(names.map(({ name, shape }) => [nextName(name), zeros("float32", shape)])));
  // The state has every buffer, and both maps here have all of them.
  return {
    current,
    next,
    async begin() {
      for (const [name, array] of current) await device.copy(arrays.get(name)!, array);
    },
    async advance() {
      for (const [name, array] of current) await device.copy(next.get(nextName(name))!, array);
    },
    async finish() {
      for (const [name, array] of current) await device.copy(array, arrays.get(name)!);
    },
  };
}

/** The state's arrays without its buffers: what an update changes. */
function parameterArrays(arrays: NamedDeviceArrays, buffers: NamedDeviceArrays): Map<string, DeviceArray> {
  return new Map([...arrays].filter(([name]) => !buffers.has(name)));
}

function gradientFeeds(
  arrays: NamedDeviceArrays,
  buffers: StepBuffers["current"],
  batch: StepBatch,
  { teacherTemperature, lossScale }: Pick<StepSettings, "teacherTemperature"> & { readonly lossScale: number | undefined },
): Map<string, DeviceArray> {
  const networks = [...arrays].filter(
    ([name]) => name.startsWith("student.") || name.startsWith("teacher.") || name === "center",
  );
  return new Map<string, DeviceArray>([
    ...networks,
    ...buffers,
    ["teacherTemperature", scalar(teacherTemperature)],
    ...(lossScale === undefined ? [] : [["lossScale", scalar(lossScale)] as const]),
    ...batch,
  ]);
}

async function accumulated(session: Session, latest: NamedDeviceArrays, sums: NamedDeviceArrays): Promise<NdArray> {
  const named = asUpdated(new Map([...sums].map(([name, sum]) => [`sum.${name}`, sum])));
  const outputs = await session.run(new Map([...asUpdated(latest), ...named]), nextNamed(named));
  return outputs.get("gradientSquares")!;
}

/** The same arrays, in the shapes of the update graph. */
function asUpdated(arrays: NamedDeviceArrays): Map<string, DeviceArray> {
  return new Map([...arrays].map(([name, array]) => [name, { ...array, shape: updateShape(array.shape) }]));
}

/** The same arrays, as results that overwrite what was fed. */
function nextNamed(arrays: NamedDeviceArrays): Map<string, DeviceArray> {
  return new Map([...arrays].map(([name, array]) => [nextName(name), array]));
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

function scalar(value: number): NdArray<"float32"> {
  return ndArray("float32", [], Float32Array.of(value));
}

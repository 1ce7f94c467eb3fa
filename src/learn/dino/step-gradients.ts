// The first half of a training step on a device: what the teacher says of a batch, then one pass of views after the other.
import { type NdArray, ndArray, zeros } from "#base/array";
import { asUpdated, nextName } from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays, Session } from "#engine/runtime/native";
import type { DinoConfig } from "./config.ts";
import { laneName } from "./gradient-graphs.ts";
import type { StepBuffers } from "./step-buffers.ts";
import { openStepSessions, type StepSessions } from "./step-sessions.ts";
import { passViews, type StepBatch } from "./view-passes.ts";

/** What the gradients of one step's batches say besides themselves. */
export interface BatchReport {
  /** Summed over passes. */
  readonly loss: number;
  readonly teacherEntropy: number;
  readonly batchCenter: NdArray;
  /** [G B, D] */
  readonly teacherEmbeddings: NdArray;
}

/** Numbers that a step's graphs are fed. `lossScale` in 16 bits alone. */
export interface GradientScalars {
  readonly teacherTemperature: number;
  readonly lossScale: number | undefined;
}

export interface StepGradients {
  /** Writes the mean gradient over `batches` into `gradients`; a report for each batch. */
  run(batches: readonly StepBatch[], scalars: GradientScalars): Promise<readonly BatchReport[]>;
  /** Sum of squares of each gradient, in the order of the parameters. */
  squares(): Promise<Float32Array>;
  close(): void;
}

/** Arrays where the device has them: the state's without its buffers, the buffers, and `gradient.*`, which are written over. */
export interface StepArrays {
  readonly state: NamedDeviceArrays;
  readonly buffers: StepBuffers;
  readonly gradients: NamedDeviceArrays;
}

/** What a pass says that the prototypes' gradient is made of. */
const FOR_PROTOTYPES = ["bottleneckRows", "logitCotangents", "logitDots"];

/** Opens the sessions that fill `arrays.gradients`. */
export async function openStepGradients(device: Device, config: DinoConfig, arrays: StepArrays): Promise<StepGradients> {
  const sessions = await openStepSessions(device, config, arrays.gradients);
  return {
    async run(batches, scalars) {
      if (sessions.addsFromTheFirst) {
        for (const { gradients } of sessions.lanes) for (const gradient of gradients.values()) await clear(device, gradient);
      }
      const reports: BatchReport[] = [];
      for (const batch of batches) {
        const report = await runBatch(sessions, arrays, batch, scalars);
        reports.push({ ...report, loss: report.loss * config.numAccumulatedBatches });
      }
      return reports;
    },
    squares: () => gradientSquares(sessions),
    close: () => sessions.close(),
  };
}

/** One batch: its gradients are added to what is there. The loss is the batch's share of the step's. */
async function runBatch(
  { targets, lanes, prototypes }: StepSessions,
  { state, buffers }: StepArrays,
  batch: StepBatch,
  { teacherTemperature, lossScale }: GradientScalars,
): Promise<BatchReport> {
  const known = new Map<string, DeviceArray>([
    ...state,
    ...buffers.current,
    ...batch,
    ["teacherTemperature", scalar(teacherTemperature)],
    ...(lossScale === undefined ? [] : [["lossScale", scalar(lossScale)] as const]),
  ]);
  const runOver = async (session: Session, more: NamedDeviceArrays, gradients: NamedDeviceArrays = new Map()) => {
    const arrayOf = (name: string) => more.get(name) ?? gradients.get(name) ?? known.get(name);
    const feeds = new Map(session.inputs.map(({ name }) => [name, arrayOf(name)!])); // the session checks
    const overwritten = new Map([...nextNamed(gradients), ...buffers.next]);
    const results = session.outputs.flatMap(({ name }) => {
      const array = overwritten.get(name);
      return array ? [[name, array] as const] : [];
    });
    const outputs = await session.run(feeds, new Map(results));
    await buffers.advance(results.map(([name]) => name));
    return outputs;
  };

  const said = await runOver(targets, new Map());
  const outputs: ReadonlyMap<string, NdArray>[] = [];
  await Promise.all(
    lanes.map(async ({ passes, gradients }) => {
      for (const { index, kind, pass, session, weights } of passes) {
        const fed = new Map<string, NdArray>([...said, ...passViews(batch, kind, pass), ["pairWeights", weights]]);
        outputs[index] = await runOver(session, fed, gradients);
      }
    }),
  );
  const ofPasses = outputs.flatMap((output, index) =>
    FOR_PROTOTYPES.map((name) => [`${name}.${index}`, output.get(name)!] as const),
  );
  await runOver(prototypes, new Map([...said, ...ofPasses]), lanes[0].gradients);
  return {
    loss: outputs.reduce((sum, output) => sum + Number(output.get("loss")!.data[0]), 0),
    teacherEntropy: Number(said.get("teacherEntropy")!.data[0]),
    batchCenter: said.get("batchCenter")!,
    teacherEmbeddings: said.get("teacherEmbeddings")!,
  };
}

/** Adds the second lane's gradients to the first's, where there is one. */
async function gradientSquares({ squares, lanes }: StepSessions): Promise<Float32Array> {
  const flat = (held: NamedDeviceArrays, nameOf = (name: string) => name) =>
    new Map([...held].map(([name, array]) => [nameOf(name), asUpdated(array)] as const));
  const [first, second] = [flat(lanes[0].gradients), flat(lanes[1]?.gradients ?? new Map(), laneName)];
  const summed = new Map([...first].filter(([name]) => second.has(laneName(name))));
  const outputs = await squares.run(new Map([...first, ...second]), nextNamed(summed));
  return outputs.get("gradientSquares")!.data as Float32Array; // float32, as all results
}

/** The same arrays, as results that overwrite what was fed. */
export function nextNamed(arrays: NamedDeviceArrays): Map<string, DeviceArray> {
  return new Map([...arrays].map(([name, array]) => [nextName(name), array]));
}

async function clear(device: Device, array: DeviceArray): Promise<void> {
  if ("data" in array)
    (array.data as Float32Array).fill(0); // results are all float32
  else await device.copy(zeros("float32", array.shape), array);
}

export function scalar(value: number): NdArray<"float32"> {
  return ndArray("float32", [], Float32Array.of(value));
}

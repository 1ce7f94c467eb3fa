// The first half of a training step on a device: what the teacher says of a batch, then one pass of views after the other.
import { type NdArray, ndArray, zeros } from "#base/array";
import { nextName, updateShape } from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays, Session } from "#engine/runtime/native";
import type { DinoConfig } from "./config.ts";
import {
  buildPassGraph,
  buildPrototypeGraph,
  buildSquaresGraph,
  buildTargetGraph,
  type GradientMode,
  laneName,
  passParameters,
} from "./gradient-graphs.ts";
import { pairWeights } from "./loss.ts";
import type { NetworkConfig } from "./network.ts";
import { type StepBuffers, uploaded } from "./step-buffers.ts";
import { numLanesFor, type PassKind, passKinds, passViews, type StepBatch, type StepShape, stepShape } from "./view-passes.ts";

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

interface OpenPass {
  /** Among all passes of a batch. */
  readonly index: number;
  readonly kind: PassKind;
  readonly pass: number;
  readonly session: Session;
  readonly weights: NdArray<"float32">;
}

/**
 * Opens the sessions that fill `arrays.gradients`. Where the threads can be shared, passes go through in two lanes beside each other with half
 * of the threads and gradients of its own each: operators of half the size wait less for each other than two threads in one do.
 */
export async function openStepGradients(device: Device, config: DinoConfig, arrays: StepArrays): Promise<StepGradients> {
  const network: NetworkConfig = { backbone: config.backbone, head: config.head };
  const shape = stepShape(config);
  const numLanes = device.name === "cpu" ? numLanesFor(network, shape, device.numThreads) : 1;
  const kinds = passKinds(network, shape, { numLanes });
  // What comes first in a step writes gradients over without reading them, where its graph serves no other turn.
  const modeOf = (isAlone: boolean): GradientMode => (isAlone && config.numAccumulatedBatches === 1 ? "replace" : "add");
  const firstMode = modeOf(kinds[0]!.numPasses === numLanes); // there are global views
  const targets = device.open(buildTargetGraph(network, shape));
  const numThreads = Math.floor(device.numThreads / numLanes);
  const passes = kinds.flatMap((kind, index) => {
    const graph = buildPassGraph(network, shape, kind, index === 0 ? firstMode : "add");
    return openPasses(kind, device.open(graph, { numThreads }), shape, 1 / config.numAccumulatedBatches);
  });
  const prototypes = device.open(buildPrototypeGraph(network, kinds, modeOf(true)));
  const squares = device.open(buildSquaresGraph(network, numLanes));
  const ofSecondLane = numLanes === 1 ? undefined : await laneGradients(device, network);
  const lanes = (ofSecondLane ? [arrays.gradients, ofSecondLane] : [arrays.gradients]).map((gradients, lane) => ({
    gradients,
    passes: passes.map((pass, index) => ({ ...pass, index })).filter(({ index }) => index % numLanes === lane),
  }));

  /** One batch: its gradients are added to what is there. */
  const runBatch = async (batch: StepBatch, { teacherTemperature, lossScale }: GradientScalars): Promise<BatchReport> => {
    const known = new Map<string, DeviceArray>([
      ...arrays.state,
      ...arrays.buffers.current,
      ...batch,
      ["teacherTemperature", scalar(teacherTemperature)],
      ...(lossScale === undefined ? [] : [["lossScale", scalar(lossScale)] as const]),
    ]);
    const runOver = async (
      session: Session,
      more: NamedDeviceArrays,
      gradients = arrays.gradients,
    ): Promise<Map<string, NdArray>> => {
      const arrayOf = (name: string) => more.get(name) ?? gradients.get(name) ?? known.get(name);
      const feeds = new Map(session.inputs.map(({ name }) => [name, arrayOf(name)!])); // the session checks
      const overwritten = new Map([...nextNamed(gradients), ...arrays.buffers.next]);
      const results = session.outputs.flatMap(({ name }) => {
        const array = overwritten.get(name);
        return array ? [[name, array] as const] : [];
      });
      const outputs = await session.run(feeds, new Map(results));
      await arrays.buffers.advance(results.map(([name]) => name));
      return outputs;
    };
    const said = await runOver(targets, new Map());
    const runPass = ({ kind, pass, session, weights }: OpenPass, gradients: NamedDeviceArrays) =>
      runOver(session, new Map([...said, ...passViews(batch, kind, pass), ["pairWeights", weights] as const]), gradients);
    const outputs: ReadonlyMap<string, NdArray>[] = [];
    await Promise.all(
      lanes.map(async (lane) => {
        for (const pass of lane.passes) outputs[pass.index] = await runPass(pass, lane.gradients);
      }),
    );
    const loss = outputs.reduce((sum, output) => sum + Number(output.get("loss")!.data[0]), 0);
    const ofPasses = new Map(
      outputs.flatMap((output, index) =>
        ["bottleneckRows", "logitCotangents", "logitDots"].map((name) => [`${name}.${index}`, output.get(name)!] as const),
      ),
    );
    await runOver(prototypes, new Map([...said, ...ofPasses]));
    return {
      loss: loss * config.numAccumulatedBatches,
      teacherEntropy: Number(said.get("teacherEntropy")!.data[0]),
      batchCenter: said.get("batchCenter")!,
      teacherEmbeddings: said.get("teacherEmbeddings")!,
    };
  };

  return {
    async run(batches, scalars) {
      if (firstMode === "add") {
        for (const { gradients } of lanes) for (const gradient of gradients.values()) await clear(device, gradient);
      }
      const reports: BatchReport[] = [];
      for (const batch of batches) reports.push(await runBatch(batch, scalars));
      return reports;
    },
    async squares() {
      const flat = (held: NamedDeviceArrays, nameOf = (name: string) => name) =>
        new Map([...held].map(([name, array]) => [nameOf(name), { ...array, shape: updateShape(array.shape) }] as const));
      const [first, second] = [flat(arrays.gradients), flat(ofSecondLane ?? new Map(), laneName)];
      const summed = new Map([...first].filter(([name]) => second.has(laneName(name))));
      const outputs = await squares.run(new Map([...first, ...second]), nextNamed(summed));
      return outputs.get("gradientSquares")!.data as Float32Array; // float32, as all results
    },
    close() {
      for (const array of ofSecondLane?.values() ?? []) device.release(array);
      for (const session of new Set([targets, ...passes.map((pass) => pass.session), prototypes, squares])) session.close();
    },
  };
}

/** Gradients of the second lane: all but the prototypes', which come of all passes together. */
function laneGradients(device: Device, network: NetworkConfig): Promise<Map<string, DeviceArray>> {
  return uploaded(
    device,
    new Map(passParameters(network).map(({ name, shape }) => [`gradient.${name}`, zeros("float32", shape)])),
  );
}

function openPasses(kind: PassKind, session: Session, shape: StepShape, share: number): Omit<OpenPass, "index">[] {
  return Array.from({ length: kind.numPasses }, (_, pass) => {
    const first = kind.firstRow + pass * kind.numImages;
    return { kind, pass, session, weights: pairWeights(shape, { first, count: kind.numImages, share }) };
  });
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

// A network that is fine-tuned on a device: updates, predictions, and its state put aside and taken back.
import { type NdArray, ndArray, zeros } from "#base/array";
import {
  asUpdated,
  buildOptimiserGraph,
  nextName,
  OPTIMISERS,
  oneHot,
  optimiserScalars,
  type ParameterArrays,
  supervisedOptimisation,
  supervisedParameters,
} from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays } from "#engine/runtime/native";
import { buildFinetuneGradients, buildFinetunePredictions, type FinetuneNetwork } from "../graphs.ts";
import type { FinetuneRule } from "../settings.ts";

/** Pictures [B, s, s] and the class of each. */
export interface LabelledPictures {
  readonly pictures: Float32Array;
  readonly classes: readonly number[];
}

export interface FinetuneSession {
  /** One update at this learning rate; the loss before it. */
  update(batch: LabelledPictures, learningRate: number): Promise<number>;
  /** Logits [B, K] of pictures [B, s, s], B as the session was opened for; everything normalises by running averages. */
  logits(pictures: Float32Array): Promise<Float32Array>;
  /** A copy of what has been learnt so far: trained parameters and their layers' running averages, by name. */
  learnt(): Promise<Map<string, NdArray<"float32">>>;
  /** Goes back to what `learnt` gave. */
  restore(arrays: ParameterArrays): Promise<void>;
  close(): void;
}

/** Opens a network that starts from `arrays` (all of its parameters and buffers; they are not changed). */
export async function openFinetuneSession(
  device: Device,
  network: FinetuneNetwork,
  rule: FinetuneRule,
  { batchSize, arrays }: { readonly batchSize: number; readonly arrays: ParameterArrays },
): Promise<FinetuneSession> {
  const optimised = supervisedOptimisation(network.supervised, rule.layerDecay);
  const gradientSession = device.open(buildFinetuneGradients(network, batchSize, rule.labelSmoothing));
  const updateSession = device.open(buildOptimiserGraph(optimised, rule.optimiser));
  const predictionSession = device.open(buildFinetunePredictions(network, batchSize));
  const held = await heldArrays(device, network, rule, arrays);
  const imagesOf = (pictures: Float32Array) => ndArray("float32", [batchSize, 1, network.inputSize, network.inputSize], pictures);
  let numUpdates = 0;

  return {
    async update({ pictures, classes }, learningRate) {
      const targets = oneHot(classes, network.supervised.head.numOutputs);
      const fed = new Map<string, DeviceArray>([...held.learnt(), ["images", imagesOf(pictures)], ["targets", targets]]);
      const output = await gradientSession.run(fed, held.results);
      const loss = Number(output.get("loss")!.data[0]);
      if (!Number.isFinite(loss)) return loss; // the caller says where; nothing learns from it
      numUpdates += 1;
      const scalars = optimiserScalars(optimised, rule.optimiser, { ...rule, learningRate, numUpdates });
      await updateSession.run(held.updateFeeds(scalars), held.updateResults);
      for (const [name, next] of held.nextBuffers) await device.copy(next, held.buffers.get(name)!); // both have every buffer
      return loss;
    },
    async logits(pictures) {
      const fed = new Map<string, DeviceArray>([...held.learnt(), ["images", imagesOf(pictures)]]);
      return (await predictionSession.run(fed)).get("predictions")!.data as Float32Array; // the graph's one output, float32
    },
    async learnt() {
      const copies = new Map<string, NdArray<"float32">>();
      for (const [name, array] of [...held.parameters, ...held.buffers]) {
        const copy = zeros("float32", array.shape);
        await device.copy(array, copy);
        copies.set(name, copy);
      }
      return copies;
    },
    async restore(kept) {
      for (const [name, array] of [...held.parameters, ...held.buffers]) await device.copy(kept.get(name)!, array); // from `learnt`
    },
    close() {
      for (const session of [gradientSession, updateSession, predictionSession]) session.close();
      for (const array of held.all) device.release(array);
    },
  };
}

/** The arrays of a network under training, on its device, as its graphs are fed them. */
interface HeldArrays {
  readonly parameters: NamedDeviceArrays;
  readonly buffers: NamedDeviceArrays;
  readonly nextBuffers: NamedDeviceArrays;
  /** Parameters and buffers, as the gradients and the predictions take them. */
  learnt(): Map<string, DeviceArray>;
  /** Where the gradients' graph leaves gradients and buffers. */
  readonly results: NamedDeviceArrays;
  /** What an update is fed and, over the same arrays, where it leaves what it makes of them. */
  updateFeeds(scalars: ReadonlyMap<string, number>): Map<string, DeviceArray>;
  readonly updateResults: NamedDeviceArrays;
  readonly all: readonly DeviceArray[];
}

async function heldArrays(
  device: Device,
  { supervised }: FinetuneNetwork,
  { optimiser }: FinetuneRule,
  arrays: ParameterArrays,
): Promise<HeldArrays> {
  const { trained, followedBuffers } = supervisedParameters(supervised);
  const first = ({ name }: NamedShape) => copied(arrays.get(name)!); // all of the network's
  const empty = ({ shape }: NamedShape) => zeros("float32", shape);
  const parameters = await uploaded(device, trained, first);
  const buffers = await uploaded(device, followedBuffers, first);
  const gradients = await uploaded(device, trained, empty);
  const nextBuffers = await uploaded(device, followedBuffers, empty);
  const states = new Map<string, DeviceArray>();
  for (const state of OPTIMISERS[optimiser].stateNames) {
    for (const [name, array] of await uploaded(device, trained, empty)) states.set(`${state}.${name}`, array);
  }
  const unclipped = ndArray("float32", [trained.length], new Float32Array(trained.length).fill(1));
  const underUpdate = (named: Iterable<readonly [string, DeviceArray]>) =>
    new Map(Array.from(named, ([name, array]) => [name, asUpdated(array)] as const));
  const changed = underUpdate([...prefixed("parameter.", parameters), ...states]);
  const pulls = underUpdate(prefixed("gradient.", gradients));
  return {
    parameters,
    buffers,
    nextBuffers,
    learnt: () => new Map([...prefixed("parameter.", parameters), ...prefixed("parameter.", buffers)]),
    results: new Map([...prefixed("gradient.", gradients), ...prefixed(nextName("parameter."), nextBuffers)]),
    updateFeeds: (scalars) => {
      const numbers = [...scalars].map(([name, value]) => [name, ndArray("float32", [], Float32Array.of(value))] as const);
      return new Map<string, DeviceArray>([...changed, ...pulls, ["clip", unclipped], ...numbers]);
    },
    updateResults: new Map([...changed].map(([name, array]) => [nextName(name), array])),
    all: [parameters, buffers, gradients, nextBuffers, states].flatMap((map) => [...map.values()]),
  };
}

interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** An array for each spec, where the device's graphs run. */
async function uploaded<Spec extends NamedShape>(
  device: Device,
  specs: readonly Spec[],
  arrayOf: (spec: Spec) => NdArray<"float32">,
): Promise<Map<string, DeviceArray>> {
  const resident = new Map<string, DeviceArray>();
  for (const spec of specs) resident.set(spec.name, await device.upload(arrayOf(spec)));
  return resident;
}

/** On the CPU an upload is the array itself, and updates are in place. */
function copied({ shape, data }: NdArray<"float32">): NdArray<"float32"> {
  return ndArray("float32", shape, data.slice());
}

function* prefixed(prefix: string, arrays: NamedDeviceArrays): Generator<readonly [string, DeviceArray]> {
  for (const [name, array] of arrays) yield [`${prefix}${name}`, array];
}

// A graph that can run: one ONNX Runtime session, fed and read where the arrays lie.
import { readFileSync } from "node:fs";
import { type NdArray, zeros } from "#base/array";
import { Graph, shapeText } from "#engine/graph";
import { type InPlaceCheck, inPlaceCheck } from "../in-place.ts";
import { loweredGraph } from "../lowered-graph.ts";
import { leanModel } from "../onnx-model.ts";
import { type OpTime, profileSummary } from "../profile-summary.ts";
import { addressOf, cString, type Pointer } from "./c-api.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { type DeviceArray, isResident, type NamedDeviceArrays } from "./device-array.ts";
import type { DeviceMemory } from "./device-memory.ts";
import { type Environment, holdEnvironment, releaseEnvironment } from "./environment.ts";
import { RunValues } from "./run-values.ts";
import {
  createSessionHandle,
  type HandleOptions,
  type ModelFile,
  type SessionHandle,
  type TensorInfo,
  takeText,
} from "./session-handle.ts";
import { sharedMemory } from "./shared-memory.ts";
import { fallbackError } from "./unknown-operators.ts";

export interface OpenOptions {
  /** What errors call the model. Default: the graph's name, or "model" for bytes. */
  readonly name?: string;
  /** Measures every operator, in a file whose path begins so; see `endProfiling`. */
  readonly profilePrefix?: string;
  /** How many threads work on one run (default: the device's). Runs of one session beside each other have as many each. */
  readonly numThreads?: number;
}

/** Arrays by the name of the input or output they belong to. */
export type NamedArrays = ReadonlyMap<string, NdArray>;

/** Names as C reads them: an array of addresses. `texts` holds what they point to. */
interface NameList {
  readonly texts: readonly Uint8Array[];
  readonly addresses: BigUint64Array;
}

/** A graph of as many nodes takes 10 MB and more to build and print. */
const MANY_NODES = 1000;
/** Of constants: what held those of an earlier session is garbage by then, and small pieces of it keep large ones from the system. */
const MANY_BYTES = 2 ** 23;

/** A model ready to run. Made by `Device.open`. */
export class Session {
  readonly name: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly #environment: Environment;
  readonly #memory: DeviceMemory | undefined;
  readonly #handle: Pointer;
  readonly #inputNames: NameList;
  readonly #outputNames: NameList;
  readonly #inPlaceCheck: InPlaceCheck | undefined;
  readonly #safePairs = new Set<string>();
  /** Arrays that runs under way read or write: referenced here, so that none is collected. */
  readonly #underWay = new Set<readonly unknown[]>();
  #isClosed = false;
  #isProfiling: boolean;

  /**
   * Opens a graph, the bytes of an ONNX model or its file, on the device whose memory it is given. Throws Error, with the model's name,
   * where ONNX Runtime refuses it, and with the operators' names where the device lacks some.
   */
  constructor(
    model: Graph | Uint8Array | ModelFile,
    { name, profilePrefix, numThreads }: OpenOptions = {},
    memory?: DeviceMemory,
  ) {
    const isGraph = model instanceof Graph;
    this.name = name ?? (isGraph ? model.name : "model");
    this.#memory = memory;
    this.#environment = holdEnvironment();
    const { handle, inputs, outputs } = this.#openHandle(model, { profilePrefix, numThreads });
    this.#handle = handle;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#inputNames = nameList(inputs);
    this.#outputNames = nameList(outputs);
    this.#inPlaceCheck = isGraph ? inPlaceCheck(model) : undefined;
    this.#isProfiling = profilePrefix !== undefined;
    if (isGraph && leavesMuch(model)) collectGarbage();
  }

  /**
   * Runs the model once, on another thread than JavaScript's. `feeds` holds every input. An output that is in `results`
   * is written into that array, any other into a new one on the host; those on the host are returned. Arrays must not change
   * until the promise settles. Runs of one session may overlap in time as long as they write to different arrays.
   *
   * A result may be the very array of a feed: the state is then updated where it lies. On the host that is refused where another
   * operator could read the old state too late; a session opened from bytes cannot tell and leaves it to the caller.
   * Throws Error for a name, type or shape that does not fit, for such a refusal, and with ONNX Runtime's own message.
   */
  async run(feeds: NamedDeviceArrays, results: NamedDeviceArrays = new Map()): Promise<Map<string, NdArray>> {
    if (this.#isClosed) throw this.#error("it is closed and cannot run.");
    this.#checkNames(feeds, this.inputs, "input");
    this.#checkNames(results, this.outputs, "output");
    const inputs = this.inputs.map((info) => this.#fitting(info, feeds.get(info.name), "feed"));
    this.#checkSharedMemory(feeds, results);
    const outputs = this.outputs.map((info) => this.#resultArray(info, results.get(info.name)));
    const arrays = await this.#runArrays(inputs, outputs);
    return new Map(this.outputs.flatMap(({ name }, place) => (arrays[place] ? [[name, arrays[place]] as const] : [])));
  }

  /** Stops measuring: where the time of all runs so far went. The trace itself stays in the file `profilePrefix` began. */
  endProfiling(): readonly OpTime[] {
    if (!this.#isProfiling || this.#isClosed)
      throw this.#error("it does not measure: expected it to be open with a profilePrefix.");
    this.#isProfiling = false;
    const { api } = this.#environment;
    const path = takeText(api, api.make("GetAllocatorWithDefaultOptions"), "SessionEndProfiling", this.#handle);
    return profileSummary(readFileSync(path, "utf8"));
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends the session and gives its memory back; runs under way finish first. Closing twice does nothing. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#underWay.size === 0) this.#release();
  }

  #openHandle(model: Graph | Uint8Array | ModelFile, options: Omit<HandleOptions, "provider">): SessionHandle {
    const provider = this.#memory?.provider;
    try {
      const lowered = model instanceof Graph && provider?.target ? loweredGraph(model, provider.target) : model;
      try {
        const printed = lowered instanceof Graph ? leanModel(lowered) : lowered;
        return createSessionHandle(this.#environment, printed, { ...options, provider });
      } catch (error) {
        throw provider
          ? fallbackError(error as Error, lowered instanceof Graph ? lowered : undefined, this.#environment, provider)
          : error; // the C API's wrapper throws nothing but Error
      }
    } catch (error) {
      releaseEnvironment();
      throw this.#error((error as Error).message, error); // as above
    }
  }

  async #runArrays(
    inputs: readonly DeviceArray[],
    outputs: readonly (DeviceArray | undefined)[],
  ): Promise<readonly (NdArray | undefined)[]> {
    const held = [inputs, outputs];
    this.#underWay.add(held);
    try {
      return await (this.#memory ? this.#memory.inTurn(() => this.#runOnce(inputs, outputs)) : this.#runOnce(inputs, outputs));
    } finally {
      this.#underWay.delete(held);
      if (this.#isClosed && this.#underWay.size === 0) this.#release();
    }
  }

  async #runOnce(
    inputs: readonly DeviceArray[],
    outputs: readonly (DeviceArray | undefined)[],
  ): Promise<readonly (NdArray | undefined)[]> {
    const values = new RunValues(this.#environment, this.#memory, inputs, outputs);
    try {
      await this.#callRun(values.inputs, values.outputs);
      return values.settle();
    } finally {
      values.release();
    }
  }

  async #callRun(inputValues: BigUint64Array, outputValues: BigUint64Array): Promise<void> {
    const { addresses: inputNames } = this.#inputNames;
    const { addresses: outputNames } = this.#outputNames;
    const [numInputs, numOutputs] = [inputNames.length, outputNames.length];
    try {
      const { api } = this.#environment;
      await api.callAsync("Run", this.#handle, null, inputNames, inputValues, numInputs, outputNames, numOutputs, outputValues);
    } catch (error) {
      throw this.#error((error as Error).message, error); // the C API's wrapper throws nothing but Error
    }
  }

  /** The array that an output is written to; `undefined` where its shape is known only when it was computed. */
  #resultArray(info: TensorInfo, given: DeviceArray | undefined): DeviceArray | undefined {
    if (given) return this.#fitting(info, given, "result");
    return info.shape.includes(-1) ? undefined : zeros(info.dtype, info.shape);
  }

  #fitting({ name, dtype, shape }: TensorInfo, array: DeviceArray | undefined, role: "feed" | "result"): DeviceArray {
    const expected = `${role} "${name}": expected ${dtype} ${shapeText(shape)}`;
    if (!array) throw this.#error(`${expected}, got nothing.`);
    const isFitting =
      array.dtype === dtype &&
      array.shape.length === shape.length &&
      shape.every((size, axis) => size === -1 || size === array.shape[axis]);
    if (!isFitting) throw this.#error(`${expected}, got ${array.dtype} ${shapeText(array.shape)}.`);
    return array;
  }

  #checkNames(given: NamedDeviceArrays, known: readonly TensorInfo[], side: "input" | "output"): void {
    const names = new Set(known.map(({ name }) => name));
    for (const name of given.keys()) {
      if (!names.has(name)) throw this.#error(`"${name}" is not an ${side}: expected one of ${listed([...names])}.`);
    }
  }

  #checkSharedMemory(feeds: NamedDeviceArrays, results: NamedDeviceArrays): void {
    for (const { result, other, otherIs, isWhole } of sharedMemory(onHost(feeds), onHost(results))) {
      const where = `result "${result}" lies in the memory of ${otherIs} "${other}"`;
      if (otherIs === "result" || !isWhole)
        throw this.#error(`${where}: expected memory of its own, or exactly that of one feed.`);
      const pair = JSON.stringify([other, result]);
      if (!this.#inPlaceCheck || this.#safePairs.has(pair)) continue;
      const hazard = this.#inPlaceCheck(other, result);
      if (hazard !== undefined) throw this.#error(`${where}, which is not safe: ${hazard}. Give it memory of its own.`);
      this.#safePairs.add(pair);
    }
  }

  #release(): void {
    this.#environment.api.release("ReleaseSession", this.#handle);
    releaseEnvironment();
  }

  #error(message: string, cause?: unknown): Error {
    const where = `graph ${this.name}: `;
    return new Error(message.startsWith(where) ? message : `${where}${message}`, { cause });
  }
}

function leavesMuch({ nodes, constants }: Graph): boolean {
  const numBytes = [...constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  return nodes.length >= MANY_NODES || numBytes >= MANY_BYTES;
}

/** Those on the host. What lies on a device cannot be overwritten while it is read: RunValues sees to it. */
function onHost(arrays: NamedDeviceArrays): NamedArrays {
  return new Map([...arrays].flatMap(([name, array]) => (isResident(array) ? [] : [[name, array] as const])));
}

function nameList(infos: readonly TensorInfo[]): NameList {
  const texts = infos.map(({ name }) => cString(name));
  return { texts, addresses: BigUint64Array.from(texts, addressOf) };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `"${name}"`);
  return names.length > shown.length ? `${shown.join(", ")} and ${names.length - shown.length} more` : shown.join(", ");
}

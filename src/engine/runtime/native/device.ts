// Devices: where graphs run.
import type { DType, NdArray } from "#base/array";
import type { Graph } from "#engine/graph";
import { copyModel } from "./copy-model.ts";
import { byteLengthOf, type DeviceArray, isResident, type ResidentArray } from "./device-array.ts";
import { DeviceMemory } from "./device-memory.ts";
import { holdEnvironment, releaseEnvironment } from "./environment.ts";
import { PROVIDERS, type ProviderName } from "./provider.ts";
import { type OpenOptions, Session } from "./session.ts";
import type { ModelFile } from "./session-handle.ts";

/** The word for a device in the configuration. */
export type DeviceName = "cpu" | ProviderName;

export interface DeviceOptions {
  /** Default: cpu. */
  readonly device?: DeviceName;
  /** Threads that all sessions share. Default: as many as the process may use. */
  readonly numThreads?: number;
}

/** A place where graphs run, with one thread pool for all its sessions. */
export interface Device {
  readonly name: DeviceName;
  readonly numThreads: number;
  /** Opens a graph, the bytes of an ONNX model, or its file. Throws Error, with the model's name, where ONNX Runtime refuses it. */
  open(model: Graph | Uint8Array | ModelFile, options?: OpenOptions): Session;
  /** The array where this device's graphs run: on the CPU the very array, elsewhere a copy that stays there until `release`. */
  upload<D extends DType>(array: NdArray<D>): Promise<DeviceArray<D>>;
  /** Copies elements, wherever either array lies; as many as both have, in their order. Nothing where they are one array. */
  copy(from: DeviceArray, to: DeviceArray): Promise<void>;
  /** Gives the device's memory back; a host array is left as it is. The array must not be used afterwards. */
  release(array: DeviceArray): void;
  /** Closes every session that it opened, gives its memory back, and ends its thread pool. */
  close(): void;
}

/**
 * Opens a device. Throws Error, in one line, where this machine has none or lacks its libraries, and where another device is
 * open with another number of threads: ONNX Runtime has one thread pool a process.
 */
export function openDevice({ device = "cpu", numThreads }: DeviceOptions = {}): Device {
  if (numThreads !== undefined && (!Number.isInteger(numThreads) || numThreads < 1)) {
    throw new Error(`device ${device}: expected a whole number of threads from 1 on, got ${numThreads}.`);
  }
  const environment = holdEnvironment(numThreads);
  const memory = device === "cpu" ? undefined : openMemory(device);
  const sessions = new Set<Session>();
  let isClosed = false;
  const open: Device["open"] = (model, options) => {
    if (isClosed) throw new Error(`device ${device}: it is closed and cannot open a graph.`);
    for (const session of sessions) if (session.isClosed) sessions.delete(session);
    memory?.expectIdle("a graph cannot be opened");
    const session = new Session(model, options, memory);
    sessions.add(session);
    return session;
  };
  return {
    name: device,
    numThreads: environment.numThreads,
    open,
    ...(memory ? residentArrays(memory, open(copyModel(), { name: "copy" })) : hostArrays()),
    close: () => {
      if (isClosed) return;
      isClosed = true;
      for (const session of sessions) session.close();
      memory?.close();
      releaseEnvironment();
    },
  };
}

type Arrays = Pick<Device, "upload" | "copy" | "release">;

/** Where graphs run in the host's own memory. */
function hostArrays(): Arrays {
  return {
    upload: async (array) => array,
    copy: async (from, to) => {
      const [source, target] = [hostBytes(from), hostBytes(to)];
      const isSame = source.buffer === target.buffer && source.byteOffset === target.byteOffset;
      if (!isSame) target.set(source);
    },
    release: () => {},
  };
}

function hostBytes(array: DeviceArray): Uint8Array {
  if (isResident(array)) throw new Error(`internal: device cpu: an array of [${array.shape}] lies on another device.`);
  return new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
}

/** Where graphs run in memory of their own: `copying` runs the copy model there. */
function residentArrays(memory: DeviceMemory, copying: Session): Arrays {
  const copy: Device["copy"] = async (from, to) => {
    const [x, y] = [flat(from), flat(to)];
    if (x.shape[0] === 0) return;
    await copying.run(new Map([["x", x]]), new Map([["y", y]]));
  };
  return {
    copy,
    upload: async (array) => {
      const byteLength = byteLengthOf(array);
      const buffer = { byteLength, address: await memory.inTurn(async () => memory.allocate(byteLength)) };
      const resident: ResidentArray<typeof array.dtype> = { dtype: array.dtype, shape: array.shape, buffer };
      await copy(array, resident);
      return resident;
    },
    release: (array) => {
      memory.expectIdle("an array cannot be released");
      if (isResident(array)) memory.free(array.buffer.address);
    },
  };
}

/** The same elements as a vector. */
function flat(array: DeviceArray): DeviceArray {
  return { ...array, shape: [array.shape.reduce((product, size) => product * size, 1)] };
}

function openMemory(device: ProviderName): DeviceMemory {
  try {
    return new DeviceMemory(PROVIDERS[device]);
  } catch (error) {
    releaseEnvironment();
    throw new Error(`device ${device}: ${absence((error as Error).message)} Set device: cpu.`, { cause: error }); // the C API's wrapper throws nothing but Error
  }
}

/** ONNX Runtime's own words are a line of its source and a condition; the last part says what is missing. */
function absence(message: string): string {
  return /adapter/i.test(message)
    ? "expected a graphics device with a driver for Vulkan, Metal or Direct3D 12, got none."
    : message;
}

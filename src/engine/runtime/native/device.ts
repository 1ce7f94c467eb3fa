// Devices: where graphs run.
import type { Graph } from "#engine/graph";
import { holdEnvironment, releaseEnvironment } from "./environment.ts";
import { type OpenOptions, Session } from "./session.ts";

/** The word for a device in the configuration. */
export type DeviceName = "cpu" | "webgpu" | "cuda";

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
  /** Opens a graph, or the bytes of an ONNX model. Throws Error, with the model's name, where ONNX Runtime refuses it. */
  open(model: Graph | Uint8Array, options?: OpenOptions): Session;
  /** Closes every session that it opened, and its thread pool. */
  close(): void;
}

/**
 * Opens a device. Throws Error for a device that this program cannot use yet, and where another device is open with
 * another number of threads: ONNX Runtime has one thread pool a process.
 */
export function openDevice({ device = "cpu", numThreads }: DeviceOptions = {}): Device {
  if (device !== "cpu") throw new Error(`device ${device}: expected cpu, the only device there is yet. Set device: cpu.`);
  if (numThreads !== undefined && (!Number.isInteger(numThreads) || numThreads < 1)) {
    throw new Error(`device cpu: expected a whole number of threads from 1 on, got ${numThreads}.`);
  }
  const environment = holdEnvironment(numThreads);
  const sessions = new Set<Session>();
  let isClosed = false;
  return {
    name: device,
    numThreads: environment.numThreads,
    open: (model, options) => {
      if (isClosed) throw new Error(`device ${device}: it is closed and cannot open a graph.`);
      for (const session of sessions) if (session.isClosed) sessions.delete(session);
      const session = new Session(model, options);
      sessions.add(session);
      return session;
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      for (const session of sessions) session.close();
      releaseEnvironment();
    },
  };
}

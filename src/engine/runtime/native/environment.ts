// ONNX Runtime's environment: one for the process, with the memory that all sessions share.
import { availableParallelism } from "node:os";
import { registerArena } from "./arena.ts";
import { type OrtApi, ortApi, type Pointer } from "./c-api.ts";

/** What every session needs. Held by each device and each session; given back when the last of them lets go. */
export interface Environment {
  readonly api: OrtApi;
  readonly handle: Pointer;
  /** OrtMemoryInfo of plain memory. */
  readonly memoryInfo: Pointer;
  /** Of every session. */
  readonly numThreads: number;
}

/** Failures come back as statuses, so ONNX Runtime's own log stays silent below this: FATAL. */
const LOG_LEVEL = 4;
const ARENA_ALLOCATOR = 1;
const DEFAULT_MEMORY = 0;

let current: Environment | undefined;
let numHolders = 0;

/**
 * The process's environment, made on first use for sessions of `numThreads` threads (by default as many as the process may use).
 * Throws Error where it is open already with another number of threads. Each call asks for one `releaseEnvironment`.
 */
export function holdEnvironment(numThreads?: number): Environment {
  if (current && numThreads !== undefined && numThreads !== current.numThreads) {
    throw new Error(
      `device cpu: expected ${current.numThreads} threads, as the device that is open already has, got ${numThreads}. Close that one first.`,
    );
  }
  current ??= createEnvironment(numThreads ?? availableParallelism());
  numHolders += 1;
  return current;
}

/** Gives one hold back; the last one ends the environment. */
export function releaseEnvironment(): void {
  numHolders -= 1;
  if (numHolders > 0 || !current) return;
  const { api, handle, memoryInfo } = current;
  current = undefined;
  api.release("ReleaseMemoryInfo", memoryInfo);
  api.release("ReleaseEnv", handle);
}

function createEnvironment(numThreads: number): Environment {
  const api = ortApi();
  const handle = api.make("CreateEnv", LOG_LEVEL, "suricate");
  api.call("DisableTelemetryEvents", handle);
  const memoryInfo = api.make("CreateCpuMemoryInfo", ARENA_ALLOCATOR, DEFAULT_MEMORY);
  registerArena(api, handle, memoryInfo);
  return { api, handle, memoryInfo, numThreads };
}

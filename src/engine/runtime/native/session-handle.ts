// Opening a model: session options, and what the opened session says of its inputs and outputs.
import type { DType } from "#base/array";
import type { LeanModel } from "../onnx-model.ts";
import { addressOf, cString, type OrtApi, type Pointer, type StatusFunction, textAt } from "./c-api.ts";
import type { Environment } from "./environment.ts";
import type { Provider } from "./provider.ts";
import { tensorTypeAt, valueOver } from "./tensor-values.ts";

/** An input or output of a model. A size of -1 is free: known only when it runs. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An OrtSession and its faces. */
export interface SessionHandle {
  readonly handle: Pointer;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** An ONNX model in a file, with what it says of other files beside it. */
export interface ModelFile {
  readonly path: string;
}

const SEQUENTIAL = 0;
/** ORT_ENABLE_ALL. */
const ALL_OPTIMISATIONS = 99;
/**
 * A session's threads wait for their next piece of work awake for so long, then they sleep: operators follow each other closer than a
 * thread wakes up, and whoever makes views meanwhile has the cores back soon. docs/decisions/onnx-runtime.md has what was measured.
 */
const MICROSECONDS_AWAKE = 100;

export interface HandleOptions {
  readonly profilePrefix?: string | undefined;
  /** Where it runs, and nowhere else. Default: the CPU. */
  readonly provider?: Provider | undefined;
  /** Default: the environment's. */
  readonly numThreads?: number | undefined;
}

/** Opens an ONNX model. Throws Error with ONNX Runtime's message where it cannot. */
export function createSessionHandle(
  environment: Environment,
  model: Uint8Array | LeanModel | ModelFile,
  { profilePrefix, provider, numThreads = environment.numThreads }: HandleOptions = {},
): SessionHandle {
  const { api } = environment;
  const options = api.make("CreateSessionOptions");
  try {
    api.call("SetSessionExecutionMode", options, SEQUENTIAL);
    api.call("SetSessionGraphOptimizationLevel", options, ALL_OPTIMISATIONS);
    api.call("SetIntraOpNumThreads", options, numThreads);
    api.call("AddSessionConfigEntry", options, "session.intra_op.spin_duration_us", `${MICROSECONDS_AWAKE}`);
    api.call("AddSessionConfigEntry", options, "session.use_env_allocators", "1");
    // A memory pattern is one block for all that a run needs, on top of what the arena took before it was known: twice the memory.
    api.call("DisableMemPattern", options);
    if (provider) {
      provider.appendTo(api, options);
      // What the device lacks would run on the CPU in silence, with copies to it and back.
      api.call("AddSessionConfigEntry", options, "session.disable_cpu_ep_fallback", "1");
    }
    if (profilePrefix !== undefined) api.call("EnableProfiling", options, pathString(profilePrefix));
    const handle = openModel(environment, model, options);
    return { handle, ...describedSession(api, handle) };
  } finally {
    api.release("ReleaseSessionOptions", options);
  }
}

/** The constants of a lean model are copied while it is opened: nothing holds them afterwards. */
function openModel(environment: Environment, model: Uint8Array | LeanModel | ModelFile, options: Pointer): Pointer {
  const { api } = environment;
  if ("path" in model) return api.make("CreateSession", environment.handle, pathString(model.path), options);
  if (model instanceof Uint8Array) return api.make("CreateSessionFromArray", environment.handle, model, model.length, options);
  const { bytes, constants } = model;
  const names = Array.from(constants.keys(), cString);
  const values = BigUint64Array.from(constants.values(), (array) => valueOver(environment, array));
  try {
    if (values.length > 0)
      api.call("AddExternalInitializers", options, BigUint64Array.from(names, addressOf), values, values.length);
    return api.make("CreateSessionFromArray", environment.handle, bytes, bytes.length, options);
  } finally {
    for (const value of values) api.release("ReleaseValue", value);
  }
}

/** ORTCHAR_T: paths are UTF-16 on Windows, UTF-8 elsewhere. */
function pathString(path: string): Uint8Array {
  return process.platform === "win32" ? Buffer.from(`${path}\0`, "utf16le") : cString(path);
}

/** What a session says of its inputs and outputs; gives the session back where it has a kind of value unknown here. */
function describedSession(api: OrtApi, handle: Pointer): Omit<SessionHandle, "handle"> {
  try {
    return { inputs: tensorInfos(api, handle, "Input"), outputs: tensorInfos(api, handle, "Output") };
  } catch (error) {
    api.release("ReleaseSession", handle);
    throw error;
  }
}

function tensorInfos(api: OrtApi, session: Pointer, side: "Input" | "Output"): readonly TensorInfo[] {
  const allocator = api.make("GetAllocatorWithDefaultOptions");
  const count = Number(api.make(`SessionGet${side}Count`, session));
  return Array.from({ length: count }, (_, place) => {
    const name = takeText(api, allocator, `SessionGet${side}Name`, session, place);
    const typeInfo = api.make(`SessionGet${side}TypeInfo`, session, place);
    try {
      return { name, ...tensorTypeAt(api, api.make("CastTypeInfoToTensorInfo", typeInfo)) };
    } finally {
      api.release("ReleaseTypeInfo", typeInfo);
    }
  });
}

/** Text that ONNX Runtime allocated for the caller. */
export function takeText(api: OrtApi, allocator: Pointer, name: StatusFunction, session: Pointer, ...args: number[]): string {
  const address = api.make(name, session, ...args, allocator);
  try {
    return textAt(address);
  } finally {
    api.call("AllocatorFree", allocator, address);
  }
}

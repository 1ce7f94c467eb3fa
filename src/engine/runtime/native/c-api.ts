// ONNX Runtime's C API (onnxruntime_c_api.h), called through koffi on the library that onnxruntime-node ships.
import koffi from "koffi";
import { libraryPath } from "./library-path.ts";

/** An address in this process. Zero is null. */
export type Pointer = bigint;

/** What a C function takes here: addresses, whole numbers, text (passed as char *), typed arrays (passed as their address). */
export type Argument = Pointer | number | string | ArrayBufferView | null;

/** The version of the table asked for. Its places never change: later versions only add to the end. */
const API_VERSION = 17;

type Signature = readonly [place: number, args: readonly string[]];

/** Functions that answer with a status: their places in struct OrtApi, and their parameters. */
const STATUS_FUNCTIONS = {
  CreateEnv: [3, ["int", "str", "void *"]],
  DisableTelemetryEvents: [6, ["void *"]],
  CreateSession: [7, ["void *", "void *", "void *", "void *"]],
  CreateSessionFromArray: [8, ["void *", "void *", "size_t", "void *", "void *"]],
  Run: [9, ["void *", "void *", "void *", "void *", "size_t", "void *", "size_t", "void *"]],
  CreateSessionOptions: [10, ["void *"]],
  SetSessionExecutionMode: [13, ["void *", "int"]],
  EnableProfiling: [14, ["void *", "void *"]],
  DisableMemPattern: [17, ["void *"]],
  SetSessionGraphOptimizationLevel: [23, ["void *", "int"]],
  SetIntraOpNumThreads: [24, ["void *", "int"]],
  SessionGetInputCount: [30, ["void *", "void *"]],
  SessionGetOutputCount: [31, ["void *", "void *"]],
  SessionGetInputTypeInfo: [33, ["void *", "size_t", "void *"]],
  SessionGetOutputTypeInfo: [34, ["void *", "size_t", "void *"]],
  SessionGetInputName: [36, ["void *", "size_t", "void *", "void *"]],
  SessionGetOutputName: [37, ["void *", "size_t", "void *", "void *"]],
  CreateTensorWithDataAsOrtValue: [49, ["void *", "void *", "size_t", "void *", "size_t", "int", "void *"]],
  GetTensorMutableData: [51, ["void *", "void *"]],
  CastTypeInfoToTensorInfo: [55, ["void *", "void *"]],
  GetTensorElementType: [60, ["void *", "void *"]],
  GetDimensionsCount: [61, ["void *", "void *"]],
  GetDimensions: [62, ["void *", "void *", "size_t"]],
  GetTensorTypeAndShape: [65, ["void *", "void *"]],
  CreateMemoryInfo: [68, ["str", "int", "int", "int", "void *"]],
  CreateCpuMemoryInfo: [69, ["int", "int", "void *"]],
  AllocatorAlloc: [75, ["void *", "size_t", "void *"]],
  AllocatorFree: [76, ["void *", "void *"]],
  GetAllocatorWithDefaultOptions: [78, ["void *"]],
  SessionEndProfiling: [110, ["void *", "void *", "void *"]],
  AddSessionConfigEntry: [130, ["void *", "str", "str"]],
  CreateAllocator: [131, ["void *", "void *", "void *"]],
  CreateAndRegisterAllocator: [144, ["void *", "void *", "void *"]],
  CreateArenaCfg: [156, ["size_t", "int", "int", "int", "void *"]],
  AddExternalInitializers: [210, ["void *", "void *", "void *", "size_t"]],
  SessionOptionsAppendExecutionProvider: [216, ["void *", "str", "void *", "void *", "size_t"]],
} as const satisfies Readonly<Record<string, Signature>>;

/** Functions that give a handle back: `void Release...(handle)`. */
const RELEASE_FUNCTIONS = {
  ReleaseEnv: 92,
  ReleaseStatus: 93,
  ReleaseMemoryInfo: 94,
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseTypeInfo: 98,
  ReleaseTensorTypeAndShapeInfo: 99,
  ReleaseSessionOptions: 100,
  ReleaseAllocator: 132,
  ReleaseArenaCfg: 157,
} as const;

const GET_ERROR_MESSAGE = 2;
const TABLE_LENGTH = 217;

export type StatusFunction = keyof typeof STATUS_FUNCTIONS;
export type ReleaseFunction = keyof typeof RELEASE_FUNCTIONS;

/** The functions in use, with statuses turned into errors. */
export interface OrtApi {
  /** Of the library, such as "1.30.0". */
  readonly version: string;
  /** Calls a function. Throws Error with ONNX Runtime's message, on one line, where its status is not OK. */
  call(name: StatusFunction, ...args: readonly Argument[]): void;
  /** Calls a function whose last parameter is a place for a handle or a number; returns what it put there. */
  make(name: StatusFunction, ...args: readonly Argument[]): Pointer;
  /** Calls a function on another thread. Whatever it is given must stay referenced until the promise settles. */
  callAsync(name: StatusFunction, ...args: readonly Argument[]): Promise<void>;
  release(name: ReleaseFunction, handle: Pointer): void;
  /** Calls a function that the library exports by its own name, and that answers with a status. Throws as `call` does. */
  callExported(name: string, argTypes: readonly string[], ...args: readonly Argument[]): void;
}

/** The address of an array's first byte. The array must stay referenced as long as the address is in use. */
export function addressOf(array: ArrayBufferView): Pointer {
  return koffi.address(array);
}

/** Text that C keeps: UTF-8 with a zero at its end. */
export function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/** The text at an address, up to its zero. */
export function textAt(address: Pointer): string {
  return koffi.decode(address, "char", -1) as string;
}

/** A copy of the bytes at an address. */
export function bytesAt(address: Pointer, length: number): Uint8Array {
  return new Uint8Array(koffi.view(address, length)).slice();
}

/** A C function as koffi makes it callable. */
interface NativeFunction {
  (...args: readonly unknown[]): unknown;
  /** Runs on a thread of Node's pool, then calls the last argument: (error, result). */
  async(...args: readonly unknown[]): void;
}

let loaded: OrtApi | undefined;
/** Referenced for ever: koffi unloads a library whose object the collector takes, and the table's functions with it. */
let library: ReturnType<typeof koffi.load> | undefined;

/** Loads the library once for this thread's lifetime. Throws Error where the platform has none. */
export function ortApi(): OrtApi {
  loaded ??= loadApi(libraryPath());
  return loaded;
}

function loadApi(path: string): OrtApi {
  raiseStackSizes();
  library = koffi.load(path);
  const base = library.func("OrtGetApiBase", "void *", [])() as Pointer; // OrtApiBase *
  const [getApi, getVersion] = pointersAt(base, 2);
  const version = functionAt(getVersion!, "str", [])() as string; // declared "str"
  const table = functionAt(getApi!, "void *", ["uint32_t"])(API_VERSION) as Pointer | null; // OrtApi *
  if (table === null) throw new Error(`${path}: expected ONNX Runtime with API ${API_VERSION}, got version ${version}.`);
  return apiOf(pointersAt(table, TABLE_LENGTH), version, library);
}

/** ONNX Runtime's kernels and its graph optimiser use more stack than koffi's default of 128 KiB for asynchronous calls. */
function raiseStackSizes(): void {
  const stackSize = 8 * 2 ** 20;
  const { async_stack_size: current = 0 } = koffi.config();
  if (current < stackSize) koffi.config({ sync_stack_size: stackSize, async_stack_size: stackSize });
}

function pointersAt(address: Pointer, count: number): readonly Pointer[] {
  return [...new BigUint64Array(koffi.view(address, count * BigUint64Array.BYTES_PER_ELEMENT))];
}

function functionAt(address: Pointer, result: string, args: readonly string[]): NativeFunction {
  return koffi.decode(address, koffi.proto(result, [...args])) as NativeFunction; // decoding a prototype gives a function
}

function apiOf(table: readonly Pointer[], version: string, exported: ReturnType<typeof koffi.load>): OrtApi {
  const statusFunctions = mapValues(STATUS_FUNCTIONS, ([place, args]: Signature) => functionAt(table[place]!, "void *", args));
  const releaseFunctions = mapValues(RELEASE_FUNCTIONS, (place) => functionAt(table[place]!, "void", ["void *"]));
  const getErrorMessage = functionAt(table[GET_ERROR_MESSAGE]!, "str", ["void *"]);

  const failure = (status: Pointer): Error => {
    const message = getErrorMessage(status) as string; // declared "str"
    releaseFunctions.ReleaseStatus(status);
    return new Error(message.replaceAll(/\s+/g, " ").trim());
  };
  const call = (name: StatusFunction, ...args: readonly Argument[]): void => {
    const status = statusFunctions[name](...args) as Pointer | null; // OrtStatus *
    if (status !== null) throw failure(status);
  };
  const make = (name: StatusFunction, ...args: readonly Argument[]): Pointer => {
    const place = new BigUint64Array(1);
    call(name, ...args, place);
    return place[0]!;
  };
  const callAsync = (name: StatusFunction, ...args: readonly Argument[]): Promise<void> =>
    new Promise((resolve, reject) => {
      statusFunctions[name].async(...args, (error: unknown, status: Pointer | null) => {
        if (error) reject(error);
        else if (status !== null) reject(failure(status));
        else resolve();
      });
    });
  const callExported = (name: string, argTypes: readonly string[], ...args: readonly Argument[]): void => {
    const status = exported.func(name, "void *", [...argTypes])(...args) as Pointer | null; // OrtStatus *
    if (status !== null) throw failure(status);
  };
  return { version, call, make, callAsync, callExported, release: (name, handle) => releaseFunctions[name](handle) };
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From) => To,
): Readonly<Record<Key, To>> {
  const entries = Object.entries<From>(record).map(([key, value]) => [key, map(value)] as const);
  return Object.fromEntries(entries) as Record<Key, To>; // one entry a key of `record`
}

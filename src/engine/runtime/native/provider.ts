// What ONNX Runtime's execution providers want to be asked for, one for every device but the CPU.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LoweringTarget } from "../lowering-rules.ts";
import { addressOf, cString, type OrtApi, type Pointer } from "./c-api.ts";
import { libraryPath } from "./library-path.ts";

/** Devices with memory of their own. */
export type ProviderName = "webgpu" | "cuda";

export interface Provider {
  readonly name: ProviderName;
  /** Whose operators it knows; undefined where it knows all of the graph's. */
  readonly target: LoweringTarget | undefined;
  /** What OrtMemoryInfo calls its memory. */
  readonly memoryName: string;
  /** Adds it to a session's options. Throws Error where this machine has no such device. */
  appendTo(api: OrtApi, options: Pointer): void;
}

const webgpu: Provider = {
  name: "webgpu",
  target: "webgpu",
  memoryName: "WebGPU_Buffer",
  appendTo: (api, options) => {
    // Without it a pass that the device refuses is passed over in silence: basic is the least that turns it into an error.
    appendNamed(api, options, "WebGPU", { "ep.webgpuexecutionprovider.validationMode": "basic" });
  },
};

const CUDA_LIBRARY = "libonnxruntime_providers_cuda.so";
const FIRST_DEVICE = 0;

const cuda: Provider = {
  name: "cuda",
  target: undefined,
  memoryName: "Cuda",
  appendTo: (api, options) => {
    const path = join(dirname(libraryPath()), CUDA_LIBRARY);
    if (!existsSync(path)) {
      throw new Error(
        `expected ONNX Runtime's libraries for CUDA 12 beside ${libraryPath()}, got none. ` +
          "On Linux (x64), npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12 downloads them.",
      );
    }
    api.callExported("OrtSessionOptionsAppendExecutionProvider_CUDA", ["void *", "int"], options, FIRST_DEVICE);
  },
};

export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = { webgpu, cuda };

function appendNamed(api: OrtApi, options: Pointer, provider: string, settings: Readonly<Record<string, string>>): void {
  const keys = Object.keys(settings).map(cString);
  const values = Object.values(settings).map(cString);
  const [keyList, valueList] = [BigUint64Array.from(keys, addressOf), BigUint64Array.from(values, addressOf)];
  api.call("SessionOptionsAppendExecutionProvider", options, provider, keyList, valueList, keys.length);
}

// Running averages of batch normalisation while a step is computed.
import { type NdArray, zeros } from "#base/array";
import { nextName } from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays } from "#engine/runtime/native";
import type { NetworkConfig } from "./network.ts";
import { bufferNames } from "./training-state.ts";

/** Running averages while a step is computed: they are the state's again only when its update is made. */
export interface StepBuffers {
  /** As the next run is to find them, and where it leaves what follows, named by `nextName`. */
  readonly current: NamedDeviceArrays;
  readonly next: NamedDeviceArrays;
  begin(): Promise<void>;
  /** Those of `next` that a run has written, by their names there, become current. */
  advance(written: readonly string[]): Promise<void>;
  finish(): Promise<void>;
}

export async function openBuffers(device: Device, network: NetworkConfig, arrays: NamedDeviceArrays): Promise<StepBuffers> {
  const names = bufferNames(network);
  const current = await uploaded(device, new Map(names.map(({ name, shape }) => [name, zeros("float32", shape)])));
  const next = await uploaded(device, new Map(names.map(({ name, shape }) => [nextName(name), zeros("float32", shape)])));
  // The state has every buffer, and both maps here have all of them.
  return {
    current,
    next,
    async begin() {
      for (const [name, array] of current) await device.copy(arrays.get(name)!, array);
    },
    async advance(written) {
      const names = new Set(written);
      for (const [name, array] of current) {
        if (names.has(nextName(name))) await device.copy(next.get(nextName(name))!, array);
      }
    },
    async finish() {
      for (const [name, array] of current) await device.copy(array, arrays.get(name)!);
    },
  };
}

/** The arrays where the device's graphs run. */
export async function uploaded(
  device: Device,
  arrays: ReadonlyMap<string, NdArray<"float32">>,
): Promise<Map<string, DeviceArray>> {
  const resident = new Map<string, DeviceArray>();
  for (const [name, array] of arrays) resident.set(name, await device.upload(array));
  return resident;
}

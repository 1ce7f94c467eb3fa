// The OrtValues of one run: over the arrays that it reads and writes, wherever they lie.
import type { NdArray } from "#base/array";
import type { Pointer } from "./c-api.ts";
import { type DeviceArray, type DeviceBuffer, isResident, type ResidentArray } from "./device-array.ts";
import type { DeviceMemory } from "./device-memory.ts";
import type { Environment } from "./environment.ts";
import { arrayOfValue, valueOver } from "./tensor-values.ts";

/** Made before a run; afterwards `settle` when it succeeded, and `release` in any case. */
export class RunValues {
  readonly inputs: BigUint64Array;
  /** Zero where ONNX Runtime is to allocate the output itself: it puts its own value there. */
  readonly outputs: BigUint64Array;
  readonly #environment: Environment;
  readonly #memory: DeviceMemory | undefined;
  readonly #results: readonly (DeviceArray | undefined)[];
  /** Buffers that are read and written: a device's kernels cannot do both at once, so the new values go to a new piece. */
  readonly #moved = new Map<DeviceBuffer, Pointer>();
  readonly #values: Pointer[] = [];

  constructor(
    environment: Environment,
    memory: DeviceMemory | undefined,
    feeds: readonly DeviceArray[],
    results: readonly (DeviceArray | undefined)[],
  ) {
    this.#environment = environment;
    this.#memory = memory;
    this.#results = results;
    const fed = new Set(feeds.filter(isResident).map(({ buffer }) => buffer));
    this.inputs = BigUint64Array.from(feeds, (array) => this.#held(this.#valueOf(array)));
    this.outputs = BigUint64Array.from(results, (array) => (array ? this.#held(this.#resultValue(array, fed)) : 0n));
  }

  /** After a run that succeeded: buffers that were read and written hold the new. Returns the outputs that lie on the host. */
  settle(): readonly (NdArray | undefined)[] {
    for (const [buffer, address] of this.#moved) this.#memory?.replace(buffer, address);
    this.#moved.clear();
    return this.#results.map((array, place) => {
      if (!array) return arrayOfValue(this.#environment.api, this.outputs[place]!);
      return isResident(array) ? undefined : array;
    });
  }

  release(): void {
    const { api } = this.#environment;
    for (const value of new Set([...this.#values, ...this.outputs])) if (value !== 0n) api.release("ReleaseValue", value);
    for (const address of this.#moved.values()) this.#memory?.free(address);
  }

  #valueOf(array: DeviceArray): Pointer {
    return isResident(array) ? this.#memoryOf(array).valueOver(array) : valueOver(this.#environment, array);
  }

  #resultValue(array: DeviceArray, fed: ReadonlySet<DeviceBuffer>): Pointer {
    if (!isResident(array) || !fed.has(array.buffer)) return this.#valueOf(array);
    const memory = this.#memoryOf(array);
    const address = memory.allocate(array.buffer.byteLength);
    this.#moved.set(array.buffer, address);
    return memory.valueOver(array, address);
  }

  #memoryOf(array: ResidentArray): DeviceMemory {
    if (this.#memory) return this.#memory;
    throw new Error(`internal: runtime: an array of ${array.shape} lies on another device than its session.`);
  }

  #held(value: Pointer): Pointer {
    this.#values.push(value);
    return value;
  }
}

// A device's own memory: pieces of it, and the order in which it is used.
import { ONNX_ELEMENT_TYPE } from "#engine/graph";
import type { Pointer } from "./c-api.ts";
import { copyModel } from "./copy-model.ts";
import { byteLengthOf, type DeviceBuffer, type ResidentArray } from "./device-array.ts";
import { type Environment, holdEnvironment, releaseEnvironment } from "./environment.ts";
import type { Provider } from "./provider.ts";
import { createSessionHandle } from "./session-handle.ts";

const DEVICE_ALLOCATOR = 0;
const FIRST_DEVICE = 0;
const DEFAULT_MEMORY = 0;

/** The memory of one device, held until `close`. */
export class DeviceMemory {
  readonly provider: Provider;
  readonly #environment: Environment;
  /** OrtMemoryInfo. */
  readonly #info: Pointer;
  /** A session that does nothing but keep the device and its allocator. */
  readonly #anchor: Pointer;
  readonly #allocator: Pointer;
  readonly #pieces = new Set<Pointer>();
  #last: Promise<unknown> = Promise.resolve();
  #numUnderWay = 0;
  #isClosed = false;

  /** Throws Error with ONNX Runtime's message where this machine has no such device. */
  constructor(provider: Provider) {
    this.provider = provider;
    this.#environment = holdEnvironment();
    const { api } = this.#environment;
    try {
      this.#anchor = createSessionHandle(this.#environment, copyModel(), { provider }).handle;
    } catch (error) {
      releaseEnvironment();
      throw error;
    }
    this.#info = api.make("CreateMemoryInfo", provider.memoryName, DEVICE_ALLOCATOR, FIRST_DEVICE, DEFAULT_MEMORY);
    this.#allocator = api.make("CreateAllocator", this.#anchor, this.#info);
  }

  /** A new piece; what is in it is not said. */
  allocate(byteLength: number): Pointer {
    const address = this.#environment.api.make("AllocatorAlloc", this.#allocator, byteLength);
    this.#pieces.add(address);
    return address;
  }

  /** Gives a piece back; one that was given back already stays so. */
  free(address: Pointer): void {
    if (this.#pieces.delete(address)) this.#environment.api.call("AllocatorFree", this.#allocator, address);
  }

  /** Puts a new piece in a buffer's place. */
  replace(buffer: DeviceBuffer, address: Pointer): void {
    this.free(buffer.address);
    buffer.address = address;
  }

  /** An OrtValue over an array here; `address` where it is to lie in another piece than its buffer's. */
  valueOver(array: ResidentArray, address: Pointer = array.buffer.address): Pointer {
    const sizes = BigInt64Array.from(array.shape, BigInt);
    const [length, type] = [byteLengthOf(array), ONNX_ELEMENT_TYPE[array.dtype]];
    return this.#environment.api.make("CreateTensorWithDataAsOrtValue", this.#info, address, length, sizes, sizes.length, type);
  }

  /** Does `work` when all before it is done: a device has one queue, which two threads must not fill at once. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#numUnderWay += 1;
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {}); // a failure is its caller's to see; the next is not held up by it
    try {
      return await turn;
    } finally {
      this.#numUnderWay -= 1;
      if (this.#isClosed && this.#numUnderWay === 0) this.#release();
    }
  }

  /** Throws where the device is at work on another thread. `what` says what cannot be done now. */
  expectIdle(what: string): void {
    if (this.#numUnderWay > 0)
      throw new Error(`internal: device ${this.provider.name}: ${what} while a run is under way. Await it first.`);
  }

  /** Gives everything back; runs under way finish first. */
  close(): void {
    this.#isClosed = true;
    if (this.#numUnderWay === 0) this.#release();
  }

  #release(): void {
    const { api } = this.#environment;
    for (const address of this.#pieces) this.free(address);
    api.release("ReleaseAllocator", this.#allocator);
    api.release("ReleaseMemoryInfo", this.#info);
    api.release("ReleaseSession", this.#anchor);
    releaseEnvironment();
  }
}

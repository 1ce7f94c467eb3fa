// What takes the longest in a tile, in WebAssembly: RICE_1 and quantised floats. rice.ts and dither.ts do the same without it.
import { TILE_KERNELS_CODE } from "./tile-kernels-code.ts";

/** Bits of a RICE_1 tile's parts, as rice.ts has them. */
export interface RiceBitForm {
  readonly pixelBits: number;
  readonly splitBits: number;
  readonly unpacked: number;
  readonly blockSize: number;
}

/** Integers `start` to `end` (left out) of a tile, which meet the dither numbers from `random` on; undefined where they meet none. */
export interface DitherRun {
  readonly start: number;
  readonly end: number;
  readonly random: number | undefined;
}

/** How an integer becomes a float: zero + scale * (stored - random + 0.5). */
export interface FloatForm {
  readonly scale: number;
  readonly zero: number;
  /** Integers that stand for 0 and for NaN, if any. */
  readonly zeroStored: number | undefined;
  readonly blank: number | undefined;
}

/** What tile-kernels.wat exports. */
interface Kernels {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  decodeRice(words: number, numBytes: number, pixels: number, numPixels: number, ...form: RiceParameters): number;
  undither(stored: number, random: number, step: number, floats: number, count: number, ...form: FloatParameters): void;
}

type RiceParameters = readonly [pixelBits: number, splitBits: number, unpacked: number, blockSize: number];
type FloatParameters = readonly [scale: number, zero: number, isZero: number, zeroStored: number, isBlank: number, blank: number];

/** The part of WebAssembly's interface that is used: the compiler's own description belongs to browsers. */
interface WebAssemblyInterface {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

const PAGE = 2 ** 16;
/** Integers that are turned into floats at a time. */
const CHUNK = 8192;
/** Longer tiles are left to JavaScript: what the kernels have taken they keep. */
const MOST_PIXELS = 2 ** 22;

// Places in the memory. Vectors read and write up to three numbers beyond the last.
const HALVES = 0;
const RANDOM = 16;
const VECTOR = 16;
const aligned = (place: number) => Math.ceil(place / VECTOR) * VECTOR;

/** The kernels with the memory they work in. */
export class TileKernels {
  readonly #kernels: Kernels;
  readonly #chunk: number;
  readonly #floats: number;
  readonly #bytes: number;

  /** Throws where WebAssembly, or vectors in it, or memory for it, is not to be had. */
  constructor(random: Float32Array) {
    const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }; // Node 20 and browsers
    const code = Uint8Array.from(atob(TILE_KERNELS_CODE), (letter) => letter.charCodeAt(0));
    this.#kernels = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as Kernels; // tile-kernels.wat
    this.#chunk = aligned(RANDOM + random.byteLength + VECTOR);
    this.#floats = this.#chunk + 4 * CHUNK + VECTOR;
    this.#bytes = this.#floats + 4 * CHUNK + 2 * VECTOR;
    const { buffer } = this.#kernels.memory;
    new Float32Array(buffer, HALVES, 4).fill(0.5);
    new Float32Array(buffer, RANDOM, random.length).set(random);
  }

  /**
   * The integers of a RICE_1 tile of at least one pixel, and how many of them its bytes hold. The next tile writes over them.
   * Undefined for a tile that is too long.
   */
  decodeRice(bytes: Uint8Array, numPixels: number, form: RiceBitForm) {
    // Of no more bytes than packed pixels can have (a difference of 32 bits and its split).
    if (numPixels > MOST_PIXELS || bytes.length > 8 * MOST_PIXELS) return undefined;
    const { pixelBits, splitBits, unpacked, blockSize } = form;
    const behind = this.#bytes + bytes.length;
    const start = aligned(behind + 96);
    const buffer = this.#room(start + 4 * numPixels + VECTOR);
    const memory = new Uint8Array(buffer);
    memory.set(bytes, this.#bytes);
    memory.fill(0, behind, start);
    const block = Math.min(blockSize, numPixels);
    const rest = [pixelBits, splitBits, unpacked, block] as const;
    const numDecoded = this.#kernels.decodeRice(this.#bytes, bytes.length, start, numPixels, ...rest);
    return { pixels: new Int32Array(buffer, start, numPixels), numDecoded };
  }

  /** Puts the floats of one run of integers into `pixels`, at the same places. */
  undither(stored: Int32Array, { start, end, random }: DitherRun, form: FloatForm, pixels: Float32Array): void {
    const { buffer } = this.#kernels.memory;
    const step = random === undefined ? 0 : VECTOR;
    const rest = [form.scale, form.zero, ...standIn(form.zeroStored), ...standIn(form.blank)] as const;
    for (let done = start; done < end; done += CHUNK) {
      const count = Math.min(CHUNK, end - done);
      const numbers = random === undefined ? HALVES : RANDOM + 4 * (random + done - start);
      const from = this.#placeOf(stored, done, count);
      // Pixels in shared memory are copied byte by byte unless both places are as far from whole words (V8).
      const floats = this.#floats + ((pixels.byteOffset + 4 * done) & 7);
      this.#kernels.undither(from, numbers, step, floats, count, ...rest);
      pixels.set(new Float32Array(buffer, floats, count), done);
    }
  }

  /** Where these integers lie in the memory: they are put there if need be. */
  #placeOf(stored: Int32Array, start: number, count: number): number {
    const { buffer } = this.#kernels.memory;
    if (stored.buffer === buffer) return stored.byteOffset + 4 * start;
    new Int32Array(buffer, this.#chunk, count).set(stored.subarray(start, start + count));
    return this.#chunk;
  }

  #room(numBytes: number): ArrayBuffer {
    const { memory } = this.#kernels;
    const missing = numBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return memory.buffer;
  }
}

/** A mask and a number for a number that is an integer of 32 bits; an empty mask for all others, which no stored integer equals. */
function standIn(value: number | undefined): readonly [number, number] {
  return value !== undefined && value === (value | 0) ? [-1, value] : [0, 0];
}

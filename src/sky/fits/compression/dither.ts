// Quantised floats: integers back to pixels, with subtractive dithering undone (FITS standard 4.0, sections 10.2 and 10.2.1, appendix I).
import { type DitherRun, TileKernels } from "./tile-kernels.ts";

/** ZQUANTIZ: how a float image was rounded to integers. */
export type DitherMethod = "NO_DITHER" | "SUBTRACTIVE_DITHER_1" | "SUBTRACTIVE_DITHER_2";

/** What turns the integers of one tile into pixels: pixel = zero + scale * (stored - random + 0.5), or zero + scale * stored. */
export interface Quantisation {
  readonly method: DitherMethod;
  /** ZSCALE and ZZERO of the tile. */
  readonly scale: number;
  readonly zero: number;
  /** The integer that stands for NaN (ZBLANK); undefined where there is none. */
  readonly blank: number | undefined;
  /** ZDITHER0, from 1 to 10,000. Has no say where nothing is dithered. */
  readonly ditherSeed: number;
  /** The tile's number, counted from 0. */
  readonly tile: number;
}

/** SUBTRACTIVE_DITHER_2 keeps pixels that were exactly 0 under this integer. */
export const DITHERED_ZERO = -2147483646;

/** The integer that `dither` writes for NaN where no other is asked for, as cfitsio does. */
export const DITHERED_BLANK = -2147483647;

const NUM_RANDOM = 10_000;

/**
 * The pixels of a tile as doubles rounded to float32, put into `pixels`, of the same length. `kernels` do it faster, to the same bits.
 */
export function undither(
  stored: Int32Array,
  quantisation: Quantisation,
  pixels: Float32Array = new Float32Array(stored.length),
  kernels?: TileKernels,
): Float32Array {
  const { method, scale, zero, blank } = quantisation;
  const zeroStored = method === "SUBTRACTIVE_DITHER_2" ? DITHERED_ZERO : undefined;
  for (const run of ditherRuns(stored.length, quantisation)) {
    if (kernels) kernels.undither(stored, run, { scale, zero, zeroStored, blank }, pixels);
    else unditherRun(stored, run, quantisation, pixels);
  }
  if (kernels) return pixels;
  // Few images have either: they are put in afterwards, so that the loops have nothing to ask.
  if (zeroStored !== undefined) replace(stored, zeroStored, pixels, 0);
  if (blank !== undefined) replace(stored, blank, pixels, Number.NaN);
  return pixels;
}

/** The runs of a tile's integers, each up to the end of the table of random numbers or of the tile. */
function* ditherRuns(length: number, { method, tile, ditherSeed }: Quantisation): Generator<DitherRun, void> {
  if (method === "NO_DITHER") return yield { start: 0, end: length, random: undefined };
  const numbers = ditherNumbers();
  let first = firstOf(tile, ditherSeed);
  for (let start = 0; start < length; first = (first + 1) % NUM_RANDOM) {
    const random = Math.floor(numbers[first]! * 500);
    const end = Math.min(length, start + NUM_RANDOM - random);
    yield { start, end, random };
    start = end;
  }
}

function unditherRun(stored: Int32Array, run: DitherRun, { scale, zero }: Quantisation, pixels: Float32Array): void {
  const { start, end, random } = run;
  if (random === undefined) {
    for (let index = start; index < end; index++) pixels[index] = stored[index]! * scale + zero;
    return;
  }
  const numbers = ditherNumbers();
  const shift = random - start;
  for (let index = start; index < end; index++) pixels[index] = (stored[index]! - numbers[index + shift]! + 0.5) * scale + zero;
}

function replace(stored: Int32Array, wanted: number, pixels: Float32Array, value: number): void {
  for (let index = stored.indexOf(wanted); index >= 0; index = stored.indexOf(wanted, index + 1)) pixels[index] = value;
}

let kernels: TileKernels | "none" | undefined;

/** The kernels of this thread; undefined where there is no WebAssembly, or no memory for it (a system may allow little address space). */
export function tileKernels(): TileKernels | undefined {
  try {
    kernels ??= new TileKernels(ditherNumbers());
  } catch {
    kernels = "none";
  }
  return kernels === "none" ? undefined : kernels;
}

/**
 * The integers of a tile of pixels: `undither` gives these back to within half a `scale`. NaN becomes `blank` (by default
 * `DITHERED_BLANK`). Numbers beyond 32-bit integers are the caller's mistake: RangeError.
 */
export function dither(pixels: Float32Array, quantisation: Quantisation): Int32Array {
  const { method, scale, zero, blank = DITHERED_BLANK } = quantisation;
  const random = method === "NO_DITHER" ? () => 0.5 : randomSequence(quantisation);
  return Int32Array.from(pixels, (value) => {
    const number = random();
    if (Number.isNaN(value)) return blank;
    if (value === 0 && method === "SUBTRACTIVE_DITHER_2") return DITHERED_ZERO;
    const stored = Math.round((value - zero) / scale + number - 0.5);
    if (Math.abs(stored) < -DITHERED_ZERO) return stored;
    throw new RangeError(`dither: expected integers of 32 bits, got ${stored} from ${value}. Use a larger scale than ${scale}.`);
  });
}

/** The tile's random numbers, one a call. It takes them from one of the first 500 on, which its own number chooses. */
function randomSequence({ tile, ditherSeed }: Quantisation): () => number {
  const random = ditherNumbers();
  let start = firstOf(tile, ditherSeed);
  let next = Math.floor(random[start]! * 500);
  return () => {
    const number = random[next]!;
    next += 1;
    if (next === NUM_RANDOM) {
      start = (start + 1) % NUM_RANDOM;
      next = Math.floor(random[start]! * 500);
    }
    return number;
  };
}

/** Where a tile's way through the table begins. */
function firstOf(tile: number, ditherSeed: number): number {
  return (((tile + ditherSeed - 1) % NUM_RANDOM) + NUM_RANDOM) % NUM_RANDOM;
}

let numbers: Float32Array | undefined;

/** The standard's 10,000 numbers between 0 and 1: Park and Miller's generator from seed 1 (appendix I). */
export function ditherNumbers(): Float32Array {
  if (numbers) return numbers;
  const made = new Float32Array(NUM_RANDOM);
  let seed = 1;
  for (let index = 0; index < NUM_RANDOM; index++) {
    seed = (16807 * seed) % 2147483647;
    made[index] = seed / 2147483647;
  }
  numbers = made;
  return made;
}

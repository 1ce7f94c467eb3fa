// HCOMPRESS_1 tiles: the quadtree-coded H-transform of an image (White, Postman & Lattanzi 1992; FITS standard 4.0, section 10.4.4).
import { FitsError } from "../fits-error.ts";
import { BitReader } from "./bit-reader.ts";
import { levelsOf, readQuadrant } from "./quadtree.ts";

/** Height (slow axis) and width of a tile. */
export interface TileShape {
  readonly height: number;
  readonly width: number;
}

const HEADER_LENGTH = 25;
const MAGIC = [0xdd, 0x99] as const;
/** Doubles hold every coefficient below 2^53 exactly; no image of 32-bit integers that fits in memory has larger ones. */
const MOST_BIT_PLANES = 52;

/**
 * The integers of a tile [height, width] (FITS's order, fast axis last), not smoothed. `where` begins the messages.
 * Throws FitsError for other data, for a tile of another shape, and where the data end too early.
 */
export function decodeHcompress(bytes: Uint8Array, shape: TileShape, where: string): Int32Array {
  const { scale, sum, bitPlanes } = parseHcompressHeader(bytes, shape, where);
  const { height, width } = shape;
  const coefficients = readCoefficients(bytes, shape, bitPlanes, where);
  coefficients[0] = sum;
  if (scale > 1) for (let index = 0; index < coefficients.length; index++) coefficients[index]! *= scale;
  invertTransform(coefficients, height, width);
  return checkedIntegers(coefficients, where);
}

function checkedIntegers(values: Float64Array, where: string): Int32Array {
  const integers = Int32Array.from(values);
  const wrong = values.findIndex((value, index) => value !== integers[index]);
  if (wrong < 0) return integers;
  throw new FitsError(
    `${where}: HCOMPRESS_1: expected 32-bit integers, got ${values[wrong]} in pixel ${wrong}. The file is damaged.`,
  );
}

interface HcompressHeader {
  /** What the coefficients were divided by; 0 and 1: nothing. */
  readonly scale: number;
  readonly sum: number;
  /** Of the quadrants: upper left, the two beside it, lower right. */
  readonly bitPlanes: readonly [number, number, number];
}

function parseHcompressHeader(bytes: Uint8Array, { height, width }: TileShape, where: string): HcompressHeader {
  const damaged = (problem: string) => new FitsError(`${where}: HCOMPRESS_1: ${problem}. The file is damaged.`);
  if (bytes.length < HEADER_LENGTH) throw damaged(`expected a header of ${HEADER_LENGTH} bytes, got ${bytes.length}`);
  if (bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1])
    throw damaged(`expected dd 99 at the start, got ${hex(bytes[0]!)} ${hex(bytes[1]!)}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [foundHeight, foundWidth, scale] = [view.getInt32(2), view.getInt32(6), view.getInt32(10)];
  if (height < 2 || width < 2) throw damaged(`expected a tile of at least 2 x 2 pixels, got ${height} x ${width}`);
  if (foundHeight !== height || foundWidth !== width) {
    throw damaged(`expected a tile of ${height} x ${width} pixels, got ${foundHeight} x ${foundWidth}`);
  }
  if (scale < 0) throw damaged(`expected a scale of 0 or more, got ${scale}`);
  const sum = view.getBigInt64(14);
  const bitPlanes = [bytes[22]!, bytes[23]!, bytes[24]!] as const;
  if (Math.max(...bitPlanes) > MOST_BIT_PLANES) {
    throw damaged(`expected at most ${MOST_BIT_PLANES} bit planes, got ${Math.max(...bitPlanes)}`);
  }
  return { scale, sum: Number(sum), bitPlanes };
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");

/** The four quadrants' magnitudes, then the signs of all that are not zero. */
function readCoefficients(
  bytes: Uint8Array,
  { height, width }: TileShape,
  bitPlanes: HcompressHeader["bitPlanes"],
  where: string,
): Float64Array {
  const top = (height + 1) >> 1;
  const left = (width + 1) >> 1;
  const coefficients = new Float64Array(height * width);
  const bits = new BitReader(bytes, HEADER_LENGTH);
  const quadrants = [
    { start: 0, height: top, width: left, numBitPlanes: bitPlanes[0] },
    { start: left, height: top, width: width - left, numBitPlanes: bitPlanes[1] },
    { start: top * width, height: height - top, width: left, numBitPlanes: bitPlanes[1] },
    { start: top * width + left, height: height - top, width: width - left, numBitPlanes: bitPlanes[2] },
  ];
  const requireData = () => {
    if (bits.isPastEnd)
      throw new FitsError(
        `${where}: HCOMPRESS_1: the data end after ${bytes.length} bytes, before the last coefficient. The file is damaged.`,
      );
  };
  for (const { numBitPlanes, ...quadrant } of quadrants) {
    readQuadrant(bits, coefficients, { ...quadrant, stride: width }, numBitPlanes, where);
    requireData();
  }
  if (bits.read(4) !== 0)
    throw new FitsError(`${where}: HCOMPRESS_1: expected a zero after the bit planes, got another value. The file is damaged.`);
  bits.align();
  for (let index = 0; index < coefficients.length; index++) {
    if (coefficients[index] !== 0 && bits.read(1) === 1) coefficients[index] = -coefficients[index]!;
  }
  requireData();
  return coefficients;
}

/** The inverse H-transform in place: from the coarsest level on, four coefficients become 2 x 2 values. */
function invertTransform(a: Float64Array, height: number, width: number): void {
  const numLevels = levelsOf(Math.max(height, width));
  const line = new Float64Array(Math.max(height, width));
  if (numLevels === 0) return;
  const coarsest = 2 ** (numLevels + 1);
  a[0] = roundedTo(a[0]!, coarsest, coarsest / 2);
  for (let level = numLevels - 1; level >= 0; level--) {
    const levelHeight = Math.ceil(height / 2 ** level);
    const levelWidth = Math.ceil(width / 2 ** level);
    for (let y = 0; y < levelHeight; y++) interleave(a, y * width, 1, levelWidth, line);
    for (let x = 0; x < levelWidth; x++) interleave(a, x, width, levelHeight, line);
    invertLevel(a, { height: levelHeight, width: levelWidth, stride: width }, 2 ** level, level === 0);
  }
}

/** Two lines, one after the other, become one line of alternating numbers; `step` apart in `a`. */
function interleave(a: Float64Array, start: number, step: number, length: number, line: Float64Array): void {
  const half = (length + 1) >> 1;
  for (let index = half; index < length; index++) line[index] = a[start + index * step]!;
  for (let index = half - 1; index > 0; index--) a[start + 2 * index * step] = a[start + index * step]!;
  for (let index = half; index < length; index++) a[start + (2 * (index - half) + 1) * step] = line[index]!;
}

/** A level's part of the transform. */
interface Level {
  readonly height: number;
  readonly width: number;
  readonly stride: number;
}

/** One level: `bit` is the unit that the diagonal coefficients of this level were rounded to; those beside them, to twice as much. */
function invertLevel(a: Float64Array, { height, width, stride }: Level, bit: number, isFinest: boolean): void {
  const shift = isFinest ? 0.25 : 0.5;
  const pair = 2 * bit;
  const evenHeight = height - (height % 2);
  const evenWidth = width - (width % 2);
  for (let y = 0; y < evenHeight; y += 2) {
    const row = y * stride;
    for (let x = 0; x < evenWidth; x += 2) invertBlock(a, row + x, stride, bit, shift);
    if (evenWidth < width) invertPair(a, row + evenWidth, stride, pair, shift);
  }
  if (evenHeight === height) return;
  const row = evenHeight * stride;
  for (let x = 0; x < evenWidth; x += 2) invertPair(a, row + x, 1, pair, shift);
  if (evenWidth < width) a[row + evenWidth] = Math.floor(a[row + evenWidth]! * shift);
}

/** 2 x 2 values from their sum, their differences along each axis, and the diagonal one; low bits that rounding lost are told by parity. */
function invertBlock(a: Float64Array, upper: number, stride: number, bit: number, shift: number): void {
  const lower = upper + stride;
  const pair = 2 * bit;
  const diagonal = roundedTo(a[lower + 1]!, bit, bit >> 1);
  const lowBit = isOddMultiple(diagonal, bit) ? bit : 0;
  const slow = towardsZero(roundedTo(a[lower]!, pair, bit), lowBit);
  const fast = towardsZero(roundedTo(a[upper + 1]!, pair, bit), lowBit);
  const isOdd = isOddMultiple(diagonal, pair) !== (isOddMultiple(slow, pair) !== isOddMultiple(fast, pair));
  const pairBit = isOdd ? pair : 0;
  const sum = sumWithLowBits(a[upper]!, lowBit, pairBit);
  a[lower + 1] = Math.floor((sum + slow + fast + diagonal) * shift);
  a[lower] = Math.floor((sum + slow - fast - diagonal) * shift);
  a[upper + 1] = Math.floor((sum - slow + fast - diagonal) * shift);
  a[upper] = Math.floor((sum - slow - fast + diagonal) * shift);
}

function sumWithLowBits(sum: number, lowBit: number, pairBit: number): number {
  if (sum >= 0) return sum + lowBit - pairBit;
  return sum + (lowBit === 0 ? pairBit : lowBit - pairBit);
}

/** At an edge of odd length: two values from their sum and difference. */
function invertPair(a: Float64Array, first: number, step: number, pair: number, shift: number): void {
  const difference = roundedTo(a[first + step]!, pair, pair / 2);
  const lowBit = isOddMultiple(difference, pair) ? pair : 0;
  const sum = towardsZero(a[first]!, lowBit);
  a[first + step] = Math.floor((sum + difference) * shift);
  a[first] = Math.floor((sum - difference) * shift);
}

const towardsZero = (value: number, step: number) => (value >= 0 ? value - step : value + step);

/** The nearest multiple of `unit`, halves away from zero. `half` is half the unit, 0 where the unit is 1. */
function roundedTo(value: number, unit: number, half: number): number {
  const raised = value >= 0 ? value + half : value + Math.max(half - 1, 0);
  return Math.floor(raised / unit) * unit;
}

/** Whether bit `unit` of the two's complement is set. */
function isOddMultiple(value: number, unit: number): boolean {
  const multiple = Math.floor(value / unit);
  return multiple - 2 * Math.floor(multiple / 2) === 1;
}

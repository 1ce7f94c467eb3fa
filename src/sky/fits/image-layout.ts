// Where an image's planes lie in its data unit, and how their numbers are stored (FITS standard 3.3.2, 4.4.1, 4.4.2.5).
import { celestialAxes } from "./celestial-axes.ts";
import { FitsError } from "./fits-error.ts";
import type { FitsHeader } from "./header.ts";

/** Stored number types by BITPIX: integers of 8 (unsigned), 16, 32, 64 bits, floats of 32 and 64 bits (negative). */
export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;

const BITPIX_VALUES: readonly number[] = [8, 16, 32, 64, -32, -64] satisfies readonly Bitpix[];
const MOST_AXES = 5;

/** How numbers are stored. physical value = zero + scale * stored value. */
export interface NumberStorage {
  readonly bitpix: Bitpix;
  readonly scale: number;
  readonly zero: number;
  /** The stored integer that means "no value"; undefined for floats, whose NaN says so (BLANK has no meaning there). */
  readonly blank: bigint | undefined;
}

/** Where the planes of an image lie among its numbers: plane p begins at number p * height * width. */
export interface ImageLayout {
  readonly height: number;
  readonly width: number;
  readonly numPlanes: number;
}

/** Axis lengths, NAXIS1 first. Throws FitsError where NAXIS or one of them is not a whole number that FITS allows. */
export function axesOf(header: FitsHeader, where: string): readonly number[] {
  const numAxes = wholeNumber(header, "NAXIS", where);
  if (numAxes > 999) throw new FitsError(`${where}: NAXIS: expected at most 999, got ${numAxes}.`, { file: where });
  return Array.from({ length: numAxes }, (_, index) => wholeNumber(header, `NAXIS${index + 1}`, where));
}

/** BITPIX. Throws FitsError where it is none of FITS's six. */
export function bitpixOf(header: FitsHeader, where: string): Bitpix {
  const bitpix = header.get("BITPIX");
  if (typeof bitpix !== "number" || !BITPIX_VALUES.includes(bitpix)) {
    throw new FitsError(`${where}: BITPIX: expected one of ${BITPIX_VALUES.join(", ")}, got ${shown(header, "BITPIX")}.`, {
      file: where,
    });
  }
  return bitpix as Bitpix; // one of BITPIX_VALUES
}

/** Bytes of the data unit without its padding. */
export function dataByteLength(header: FitsHeader, where: string): number {
  const axes = axesOf(header, where);
  const isRandomGroups = axes[0] === 0 && header.get("GROUPS") === true;
  const groupAxes = isRandomGroups ? axes.slice(1) : axes;
  if (groupAxes.length === 0) return 0;
  const elements = groupAxes.reduce((product, size) => product * size, 1);
  const length =
    (Math.abs(bitpixOf(header, where)) / 8) * (header.number("GCOUNT") ?? 1) * ((header.number("PCOUNT") ?? 0) + elements);
  if (Number.isSafeInteger(length) && length >= 0) return length;
  throw new FitsError(`${where}: the axes [${axes}] with PCOUNT and GCOUNT ask for ${length} bytes, which no file can hold.`, {
    file: where,
  });
}

/** How the numbers of an image are stored. Throws FitsError for a BITPIX that is none. */
export function storageOf(header: FitsHeader, where: string): NumberStorage {
  const bitpix = bitpixOf(header, where);
  const blank = header.get("BLANK");
  const isWhole = typeof blank === "bigint" || Number.isInteger(blank);
  return {
    bitpix,
    scale: header.number("BSCALE") ?? 1,
    zero: header.number("BZERO") ?? 0,
    blank: bitpix > 0 && isWhole ? BigInt(blank as number | bigint) : undefined, // as just asked
  };
}

/**
 * The layout of a 2-D to 5-D image: axes of length 1 do not count, wherever they stand, and all axes above the image's two
 * make planes. Throws FitsError for any other number of axes, and where the image's axes are not the fastest ones.
 */
export function imageLayout(header: FitsHeader, where: string): ImageLayout {
  const axes = axesOf(header, where);
  requireImageAxes(axes, where);
  const [xAxis, yAxis] = imageAxes(header, axes, where);
  return {
    height: axes[yAxis - 1]!,
    width: axes[xAxis - 1]!,
    numPlanes: axes.slice(yAxis).reduce((product, size) => product * size, 1),
  };
}

function requireImageAxes(axes: readonly number[], where: string): void {
  const file = { file: where };
  const long = axes.filter((size) => size > 1).length;
  if (axes.length < 2)
    throw new FitsError(`${where}: NAXIS: expected an image of 2 to ${MOST_AXES} axes, got ${axes.length} [${axes}].`, file);
  if (axes.includes(0))
    throw new FitsError(`${where}: NAXIS${axes.indexOf(0) + 1}: expected at least 1 pixel, got 0 in axes [${axes}].`, file);
  if (long > MOST_AXES) {
    throw new FitsError(
      `${where}: NAXIS: expected 2 to ${MOST_AXES} axes longer than 1, got ${long} in [${axes}]. Cut out a cube first.`,
      file,
    );
  }
}

/** The two axes of the picture, fast one first: RA and Dec where the header names them, else the first two longer than 1. */
function imageAxes(header: FitsHeader, axes: readonly number[], where: string): readonly [number, number] {
  const celestial = celestialAxes(header);
  const long = axes.flatMap((size, index) => (size > 1 ? [index + 1] : []));
  const isWithinAxes = celestial && Math.max(celestial.longitude, celestial.latitude) <= axes.length;
  const pair = isWithinAxes ? [celestial.longitude, celestial.latitude] : long.length >= 2 ? long.slice(0, 2) : [1, 2];
  const xAxis = Math.min(...pair);
  const yAxis = Math.max(...pair);
  const between = axes.findIndex((size, index) => size > 1 && index + 1 < yAxis && index + 1 !== xAxis);
  if (between < 0) return [xAxis, yAxis];
  throw new FitsError(
    `${where}: the image's axes ${xAxis} and ${yAxis} are not the fastest of [${axes}]: axis ${between + 1} runs before them. Reorder the axes first.`,
    { file: where },
  );
}

/** A card's whole number from 0. Throws FitsError where it is none. */
export function wholeNumber(header: FitsHeader, keyword: string, where: string): number {
  const value = header.get(keyword);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FitsError(`${where}: ${keyword}: expected a whole number, got ${shown(header, keyword)}.`, { file: where });
}

function shown(header: FitsHeader, keyword: string): string {
  const value = header.get(keyword);
  if (value === undefined) return "no such card";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

// MiraBest (Porter & Scaife 2023): what its class codes and picture names say, and its recipe from a FIRST image to a picture.
import type { Image } from "#base/image";
import type { CropRecord } from "./crop-set.ts";

/** Class codes in the order of MiraBest_F's label numbers, 0 to 9. */
export const MIRABEST_CODES = ["100", "102", "104", "110", "112", "200", "201", "210", "300", "310"] as const;

/** Parts of the set, as the papers that use it name them. Hybrid sources are in neither "confident" nor "uncertain". */
export const MIRABEST_SUBSETS = ["confident", "uncertain", "hybrid", "all"] as const;
export type MiraBestSubset = (typeof MIRABEST_SUBSETS)[number];

/** What a record says of a picture's class. */
export type MiraBestClass = Pick<CropRecord, "label" | "labelConfidence" | "morphology">;

const LABELS: Readonly<Record<string, string>> = { 1: "FRI", 2: "FRII", 3: "hybrid" };
const CONFIDENCES: Readonly<Record<string, string>> = { 0: "confident", 1: "uncertain" };
const MORPHOLOGIES: Readonly<Record<string, string>> = {
  0: "standard",
  1: "double-double",
  2: "wide-angle tail",
  4: "head-tail",
};

/** "102" is a confident FRI with a wide-angle tail. Undefined for a code of another form. */
export function miraBestClass(code: string): MiraBestClass | undefined {
  const [first = "", second = "", third = ""] = code;
  const [label, labelConfidence, morphology] = [LABELS[first], CONFIDENCES[second], MORPHOLOGIES[third]];
  if (code.length !== 3 || !label || !labelConfidence || !morphology) return undefined;
  return { label, labelConfidence, morphology };
}

/** Whether a class belongs to a part of the set. */
export function isInMiraBestSubset({ label, labelConfidence }: MiraBestClass, subset: MiraBestSubset): boolean {
  if (subset === "all") return true;
  if (subset === "hybrid") return label === "hybrid";
  return label !== "hybrid" && labelConfidence === subset;
}

/** What a picture's name says. */
export interface MiraBestName {
  /** Without folder and ending. */
  readonly id: string;
  readonly code: string;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly redshift: number;
}

/** "./x/100_123.251+043.797_0.1281_0034.09.png": class code, position, redshift, angular size. Undefined for another form. */
export function parseMiraBestName(name: string): MiraBestName | undefined {
  const id = name.slice(name.lastIndexOf("/") + 1).replace(/\.(png|fits)$/i, "");
  const match = /^(\d{3})_(\d+\.\d+)([+-]\d+\.\d+)_(\d+\.\d+)_\d+\.\d+$/.exec(id);
  if (!match) return undefined;
  return { id, code: match[1]!, raDeg: Number(match[2]), decDeg: Number(match[3]), redshift: Number(match[4]) };
}

/** Pictures are 150 pixels wide, FIRST's of 1.8 arcseconds. */
export const MIRABEST_SIZE = 150;
export const FIRST_PIXEL_DEG = 1.8 / 3600;

const CLIP_SIGMA = 3;
const CLIP_ITERATIONS = 5;

/**
 * The picture that MiraBest makes of a FIRST field, 300 x 300 in Jy/beam, exactly: pixels up to three times the clipped standard
 * deviation become 0, the central 150 x 150 stay inside a circle, and 0 to the brightest becomes 0 to 255, rounded down. Throws
 * RangeError for a field smaller than the picture, or without a pixel above the noise.
 */
export function miraBestPicture(field: Image): Uint8Array {
  const [top, left] = [field.height, field.width].map((length) => (length - MIRABEST_SIZE) / 2) as [number, number]; // of two
  if (!(Number.isInteger(top) && Number.isInteger(left) && top >= 0 && left >= 0)) {
    throw new RangeError(
      `miraBestPicture: expected an even field of ${MIRABEST_SIZE} pixels or more a side, got ${field.height} x ${field.width}.`,
    );
  }
  const threshold = CLIP_SIGMA * clippedDeviation(field.pixels);
  const kept = Float64Array.from({ length: MIRABEST_SIZE ** 2 }, (_, index) => {
    const [y, x] = [Math.floor(index / MIRABEST_SIZE), index % MIRABEST_SIZE];
    const value = field.pixels[(top + y) * field.width + left + x]!;
    const half = MIRABEST_SIZE / 2;
    return value > threshold && Math.hypot(y - half, x - half) <= half ? value : 0;
  });
  const most = kept.reduce((greatest, value) => Math.max(greatest, value), 0);
  if (most === 0) throw new RangeError("miraBestPicture: no pixel is above three times the noise.");
  return Uint8Array.from(kept, (value) => Math.floor((value / most) * 255));
}

/** Standard deviation without what lies beyond 3 sigma of the median, five times over (as astropy's sigma_clipped_stats). NaN is left out. */
function clippedDeviation(pixels: Float32Array): number {
  let values = pixels.filter((value) => Number.isFinite(value)).sort();
  for (let iteration = 0; iteration < CLIP_ITERATIONS; iteration++) {
    const middle = medianOfSorted(values);
    const reach = CLIP_SIGMA * deviationOf(values);
    const kept = values.filter((value) => value >= middle - reach && value <= middle + reach);
    if (kept.length === values.length) break;
    values = kept;
  }
  return deviationOf(values);
}

function medianOfSorted(values: Float32Array): number {
  const half = values.length >> 1;
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2;
}

function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

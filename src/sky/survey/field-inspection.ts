// What can be told of a field image before it is cut: its frame, beam and fluxes, and how each scaling spreads them (Figure 4).
import {
  type FluxLimits,
  imageOf,
  measureScaling,
  percentiles,
  SCALING_NAMES,
  type ScalingName,
  scaleFlux,
  zscaleLimits,
} from "#base/image";
import { type FieldImage, type SkyPosition, wcsProblem } from "#sky/fits";

/** A field image in numbers; null where the file does not say, or nothing but NaN is there. */
export interface FieldInspection {
  readonly height: number;
  readonly width: number;
  readonly plane: number;
  readonly numPlanes: number;
  readonly fluxUnit: string;
  readonly pixelScaleDeg: number | null;
  readonly beam: { readonly majorDeg: number; readonly minorDeg: number; readonly positionAngleDeg: number } | null;
  readonly wcs: WcsInspection | null;
  /** Why there are no world coordinates. */
  readonly wcsProblem: string | null;
  readonly nanFraction: number;
  readonly flux: FluxInspection | null;
}

/** Where a field lies. */
export interface WcsInspection {
  readonly projection: string;
  readonly frame: string;
  readonly equinox: number | null;
  readonly centre: SkyPosition | null;
  /** Null where a corner shows no sky. */
  readonly corners: readonly SkyPosition[] | null;
}

/** Fluxes in the image's own unit. */
export interface FluxInspection {
  readonly lowest: number;
  readonly highest: number;
  readonly median: number;
  /** From the quartiles, as `fieldStatistics` has it. */
  readonly rms: number;
  readonly lowPercentile: number;
  readonly highPercentile: number;
  /** Of the contrast stretch with these percentiles, and of zscale. */
  readonly contrastStretch: FluxLimits;
  readonly zscale: FluxLimits;
}

/** Interquartile range to standard deviation of a Gaussian. */
const GAUSSIAN_PER_QUARTILES = 0.741301109252801;

/** Measures a field. */
export function inspectField(
  field: FieldImage,
  range: { readonly lowPercentile: number; readonly highPercentile: number },
): FieldInspection {
  const { height, width, plane, numPlanes, fluxUnit, pixels, beam, pixelScaleDeg } = field;
  const numNaN = pixels.reduce((count, value) => count + Number(Number.isNaN(value)), 0);
  return {
    height,
    width,
    plane,
    numPlanes,
    fluxUnit,
    pixelScaleDeg: pixelScaleDeg ?? null,
    beam: beam ?? null,
    wcs: wcsInspection(field),
    wcsProblem: wcsProblem(field.header) ?? null,
    nanFraction: numNaN / pixels.length,
    flux: numNaN === pixels.length ? null : fluxInspection(pixels, range),
  };
}

function wcsInspection({ wcs, width, height }: FieldImage): WcsInspection | null {
  if (wcs === undefined) return null;
  const { projection, frame, equinox } = wcs;
  const [right, top] = [width - 0.5, height - 0.5];
  const places = [
    [-0.5, -0.5],
    [right, -0.5],
    [right, top],
    [-0.5, top],
  ] as const;
  const corners = places.flatMap(([x, y]) => wcs.pixelToSky(x, y) ?? []);
  return {
    projection,
    frame,
    equinox: equinox ?? null,
    centre: wcs.pixelToSky((width - 1) / 2, (height - 1) / 2) ?? null,
    corners: corners.length === places.length ? corners : null,
  };
}

/** Measures fluxes. Throws RangeError where all are NaN. */
export function fluxInspection(
  pixels: Float32Array,
  range: { readonly lowPercentile: number; readonly highPercentile: number },
): FluxInspection {
  const { lowPercentile, highPercentile } = range;
  const wanted = [0, lowPercentile, 25, 50, 75, highPercentile, 100];
  // One number for each percentile.
  const [lowest, lowFlux, lower, median, upper, highFlux, highest] = percentiles(pixels, wanted) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const rms = GAUSSIAN_PER_QUARTILES * (upper - lower);
  return {
    lowest,
    highest,
    median,
    rms,
    lowPercentile,
    highPercentile,
    contrastStretch: { lowFlux, highFlux },
    zscale: zscaleLimits(pixels),
  };
}

/** How many pixels of a scaled field fall into each of equal bins from 0 to 1. */
export interface ScalingHistogram {
  readonly scaling: ScalingName;
  /** In words: "contrast stretch, 2 to 98 %". */
  readonly description: string;
  readonly counts: readonly number[];
}

const NUM_BINS = 100;

/**
 * Histograms of a field under every scaling, as the paper's Figure 4: arcsinh bends fluxes from one rms on, the power law is the
 * square root. Throws RangeError for a field that is all one value or NaN.
 */
export function scalingHistograms(pixels: Float32Array, flux: FluxInspection, exponent: number): readonly ScalingHistogram[] {
  const { lowPercentile, highPercentile, rms, highest, lowest } = flux;
  // A field that is mostly one value has no noise to bend from: a hundredth of its range instead.
  const settings = { lowPercentile, highPercentile, exponent, softening: rms > 0 ? rms : (highest - lowest) / 100 };
  const image = imageOf(1, pixels.length, pixels);
  const descriptions: Readonly<Record<ScalingName, string>> = {
    "contrast-stretch": `contrast stretch, ${lowPercentile} to ${highPercentile} %`,
    zscale: "zscale",
    "min-max": "min-max",
    arcsinh: rms > 0 ? "arcsinh of flux / rms" : "arcsinh of flux / 1 % of its range",
    "power-law": `power law, exponent ${exponent}`,
  };
  return SCALING_NAMES.map((scaling) => {
    const scaled = scaleFlux(image, measureScaling(pixels, scaling, settings)).pixels;
    return { scaling, description: descriptions[scaling], counts: binCounts(scaled) };
  });
}

function binCounts(values: Float32Array): readonly number[] {
  const counts = new Array<number>(NUM_BINS).fill(0);
  for (const value of values) if (!Number.isNaN(value)) counts[Math.min(NUM_BINS - 1, Math.floor(value * NUM_BINS))]! += 1;
  return counts;
}

// The scalings that the paper compares: linear between limits, arcsinh and power law (paper section 2.4, Figures 3 and 4).
import type { FluxLimits } from "./contrast-stretch.ts";
import type { Image } from "./image.ts";
import { percentiles } from "./percentiles.ts";
import { zscaleLimits } from "./zscale.ts";

/** What can be chosen. The first three are linear between limits; the others bend the whole range of an image. */
export const SCALING_NAMES = ["contrast-stretch", "zscale", "min-max", "arcsinh", "power-law"] as const;

export type ScalingName = (typeof SCALING_NAMES)[number];

/** How flux is bent: strictly increasing and defined for every number, so that it can be undone everywhere. */
export type FluxCurve =
  | { readonly kind: "linear" }
  /** asinh(flux / softening): linear for fluxes far below `softening`, logarithmic far above. */
  | { readonly kind: "arcsinh"; readonly softening: number }
  /** |flux|^exponent with the flux's sign. */
  | { readonly kind: "power-law"; readonly exponent: number };

/** A curve, and the fluxes that become 0 and 1 after it. */
export interface Scaling extends FluxLimits {
  readonly curve: FluxCurve;
}

/** The exponent of a power law that nobody chose. The paper gives none in its text: the square root is ours. */
export const DEFAULT_EXPONENT = 0.5;

/** Flux to [0, 1]: bent, then linear between the limits, clipped outside; NaN stays NaN. Throws RangeError for limits or curves that cannot be. */
export function scaleFlux(image: Image, scaling: Scaling): Image {
  const { low, range } = checkedScaling(scaling);
  const bend = bender(scaling.curve);
  const pixels = image.pixels.map((flux) => Math.min(Math.max((bend(flux) - low) / range, 0), 1));
  return { height: image.height, width: image.width, pixels };
}

/** The inverse of `scaleFlux` inside its limits: everywhere where these are the image's extremes. */
export function undoScaleFlux(image: Image, scaling: Scaling): Image {
  const { low, range } = checkedScaling(scaling);
  const straighten = straightener(scaling.curve);
  return { height: image.height, width: image.width, pixels: image.pixels.map((value) => straighten(low + value * range)) };
}

/** Bent flux without limits, as the paper takes arcsinh. */
export function bendFlux(image: Image, curve: FluxCurve): Image {
  checkCurve(curve);
  return { height: image.height, width: image.width, pixels: image.pixels.map(bender(curve)) };
}

/** The inverse of `bendFlux`, for every value. */
export function undoBendFlux(image: Image, curve: FluxCurve): Image {
  checkCurve(curve);
  return { height: image.height, width: image.width, pixels: image.pixels.map(straightener(curve)) };
}

/** What an image is measured with, to scale it. */
export interface ScalingSettings {
  readonly lowPercentile: number;
  readonly highPercentile: number;
  /** Flux from which arcsinh turns logarithmic. */
  readonly softening: number;
  readonly exponent: number;
}

/** The scaling of this name for an image. Throws RangeError where it is all one value or all NaN. */
export function measureScaling(pixels: Float32Array, name: ScalingName, settings: ScalingSettings): Scaling {
  return { ...limitsFor(pixels, name, settings), curve: curveOf(name, settings) };
}

/** The curve of a scaling's name. */
export function curveOf(name: ScalingName, { softening, exponent }: Pick<ScalingSettings, "softening" | "exponent">): FluxCurve {
  if (name === "arcsinh") return { kind: "arcsinh", softening };
  if (name === "power-law") return { kind: "power-law", exponent };
  return { kind: "linear" };
}

function limitsFor(pixels: Float32Array, name: ScalingName, { lowPercentile, highPercentile }: ScalingSettings): FluxLimits {
  if (name === "zscale") return zscaleLimits(pixels);
  const percents = name === "contrast-stretch" ? [lowPercentile, highPercentile] : [0, 100];
  const [lowFlux, highFlux] = percentiles(pixels, percents) as [number, number]; // one for each percentile
  return { lowFlux, highFlux };
}

function checkedScaling({ curve, lowFlux, highFlux }: Scaling): { readonly low: number; readonly range: number } {
  checkCurve(curve);
  if (!(Number.isFinite(lowFlux) && Number.isFinite(highFlux) && lowFlux < highFlux)) {
    throw new RangeError(
      `scaling: expected lowFlux below highFlux, got ${lowFlux} and ${highFlux}. An image that is all one value has no scale.`,
    );
  }
  const bend = bender(curve);
  return { low: bend(lowFlux), range: bend(highFlux) - bend(lowFlux) };
}

function checkCurve(curve: FluxCurve): void {
  if (curve.kind === "arcsinh" && !(curve.softening > 0 && Number.isFinite(curve.softening))) {
    throw new RangeError(`scaling: arcsinh: expected a softening flux above 0, got ${curve.softening}.`);
  }
  if (curve.kind === "power-law" && !(curve.exponent > 0 && Number.isFinite(curve.exponent))) {
    throw new RangeError(`scaling: power law: expected an exponent above 0, got ${curve.exponent}.`);
  }
}

type Bend = (value: number) => number;

function bender(curve: FluxCurve): Bend {
  if (curve.kind === "arcsinh") return (flux) => Math.asinh(flux / curve.softening);
  if (curve.kind === "power-law") return (flux) => Math.sign(flux) * Math.abs(flux) ** curve.exponent;
  return (flux) => flux;
}

function straightener(curve: FluxCurve): Bend {
  if (curve.kind === "arcsinh") return (value) => Math.sinh(value) * curve.softening;
  if (curve.kind === "power-law") return (value) => Math.sign(value) * Math.abs(value) ** (1 / curve.exponent);
  return (value) => value;
}

// What a simulated sky is made of: objects, each a sum of elliptical Gaussians.

/** point: unresolved; gauss: one resolved Gaussian; HYB: one FRI and one FRII arm; other: core and one arm; the last four diffuse. */
export const OBJECT_KINDS = [
  "point",
  "gauss",
  "FRI",
  "FRII",
  "WAT",
  "NAT",
  "HYB",
  "other",
  "halo",
  "relic",
  "minihalo",
  "phoenix",
] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** An elliptical Gaussian on the sky, placed from its object's centre. Widths 0 are a point. */
export interface SkyGaussian {
  readonly eastArcsec: number;
  readonly northArcsec: number;
  readonly fluxJy: number;
  /** FWHM of the axes, and the major one's angle from north through east. */
  readonly majorArcsec: number;
  readonly minorArcsec: number;
  readonly positionAngleDeg: number;
}

/** One object of the truth. */
export interface SkyObject {
  readonly id: string;
  readonly kind: ObjectKind;
  /** Pixels of the field image, 0-based; may lie outside it. */
  readonly x: number;
  readonly y: number;
  /** Flux density at the field's frequency, before the primary beam; that of all components. */
  readonly fluxJy: number;
  /** S proportional to frequency^spectralIndex. */
  readonly spectralIndex: number;
  /** Largest angular size: of a Gaussian its major FWHM, 0 for a point. */
  readonly largestSizeArcsec: number;
  readonly isInCluster: boolean;
  readonly components: readonly SkyGaussian[];
  /** Part of the flux in the core of a radio galaxy; null for all else. */
  readonly coreFraction: number | null;
}

/** A circular Gaussian, the stuff that arms are made of. */
export function roundGaussian(eastArcsec: number, northArcsec: number, fluxJy: number, widthArcsec: number): SkyGaussian {
  return { eastArcsec, northArcsec, fluxJy, majorArcsec: widthArcsec, minorArcsec: widthArcsec, positionAngleDeg: 0 };
}

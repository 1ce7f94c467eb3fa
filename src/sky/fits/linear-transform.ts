// The linear step of world coordinates: pixel offsets to degrees on the projection plane (Greisen & Calabretta 2002, section 2.1).
import type { CelestialAxes } from "./celestial-axes.ts";
import type { FitsHeader } from "./header.ts";

/**
 * Degrees along longitude and latitude from offsets along the image's fast axis (x) and slow axis (y) to the reference pixel:
 * longitude = longitudePerX * dx + longitudePerY * dy, latitude likewise. `referenceX` and `referenceY` are FITS's, counted from 1.
 */
export interface LinearTransform {
  readonly longitudePerX: number;
  readonly longitudePerY: number;
  readonly latitudePerX: number;
  readonly latitudePerY: number;
  readonly referenceX: number;
  readonly referenceY: number;
  /** Determinant of the four, in square degrees per pixel. */
  readonly determinant: number;
}

const DEGREES_PER_UNIT: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 1 / 60,
  arcsec: 1 / 3600,
  mas: 1 / 3.6e6,
  rad: 180 / Math.PI,
};

/** Degrees in one unit of an axis (CUNITn; degrees where there is none), or undefined for a unit that is no angle. */
export function degreesPerUnit(header: FitsHeader, axis: number): number | undefined {
  const unit = header.string(`CUNIT${axis}`)?.trim().toLowerCase() ?? "";
  return unit === "" ? 1 : DEGREES_PER_UNIT[unit];
}

/** The linear transform of a header, or a sentence that says why there is none. CD counts before PC, PC before CROTA. */
export function linearTransform(header: FitsHeader, axes: CelestialAxes): LinearTransform | string {
  const { longitude, latitude } = axes;
  const unknown = unreadableKeyword(header, axes);
  if (unknown !== undefined) return unknown;
  for (const axis of [longitude, latitude]) {
    if (degreesPerUnit(header, axis) === undefined) return `CUNIT${axis} is "${header.string(`CUNIT${axis}`)}", not an angle`;
  }
  const row = matrixForm(header) === "CROTA" ? rotatedRow(header, axes) : matrixRow(header);
  const x = Math.min(longitude, latitude);
  const y = Math.max(longitude, latitude);
  const coupled = coupledAxis(header, axes);
  if (coupled !== undefined) return `the matrix couples the sky with axis ${coupled}`;
  const [longitudePerX, longitudePerY] = [row(longitude, x), row(longitude, y)];
  const [latitudePerX, latitudePerY] = [row(latitude, x), row(latitude, y)];
  const determinant = longitudePerX * latitudePerY - longitudePerY * latitudePerX;
  if (!(Number.isFinite(determinant) && determinant !== 0)) return "CDELT, PC or CD give a matrix that cannot be inverted";
  return {
    longitudePerX,
    longitudePerY,
    latitudePerX,
    latitudePerY,
    referenceX: header.number(`CRPIX${x}`) ?? 0,
    referenceY: header.number(`CRPIX${y}`) ?? 0,
    determinant,
  };
}

/** Size of a pixel in degrees: the root of its area. Undefined where the header gives no celestial scale. */
export function pixelSizeDeg(transform: LinearTransform): number {
  return Math.sqrt(Math.abs(transform.determinant));
}

type MatrixRow = (axis: number, pixelAxis: number) => number;

/** Element i, j of PC or CD, in the standard's spelling or the older PC01_02 and PC001002. */
function element(header: FitsHeader, prefix: "PC" | "CD", axis: number, pixelAxis: number): number | undefined {
  const pad = (number: number, width: number) => String(number).padStart(width, "0");
  return (
    header.number(`${prefix}${axis}_${pixelAxis}`) ??
    header.number(`${prefix}${pad(axis, 2)}_${pad(pixelAxis, 2)}`) ??
    header.number(`${prefix}${pad(axis, 3)}${pad(pixelAxis, 3)}`)
  );
}

const MATRIX_KEYWORD = /^(PC|CD)(\d{1,2}_\d{1,2}|\d{6})$/;

function matrixForm(header: FitsHeader): "PC" | "CD" | "CROTA" {
  const forms = new Set(header.cards.map((card) => MATRIX_KEYWORD.exec(card.keyword)?.[1]));
  return forms.has("PC") ? "PC" : forms.has("CD") ? "CD" : "CROTA";
}

function matrixRow(header: FitsHeader): MatrixRow {
  const form = matrixForm(header);
  return (axis, pixelAxis) => {
    const degrees = degreesPerUnit(header, axis) ?? 1;
    if (form === "CD") return degrees * (element(header, "CD", axis, pixelAxis) ?? 0);
    const pc = element(header, "PC", axis, pixelAxis) ?? (axis === pixelAxis ? 1 : 0);
    return degrees * pc * (header.number(`CDELT${axis}`) ?? 1);
  };
}

/** CDELT with the old CROTA of the latitude axis (Calabretta & Greisen 2002, eq. 189). */
function rotatedRow(header: FitsHeader, { longitude, latitude }: CelestialAxes): MatrixRow {
  const delta = (axis: number) => (degreesPerUnit(header, axis) ?? 1) * (header.number(`CDELT${axis}`) ?? 1);
  const angle = ((header.number(`CROTA${latitude}`) ?? 0) * Math.PI) / 180;
  return (axis, pixelAxis) => {
    if (axis === pixelAxis) return delta(axis) * Math.cos(angle);
    return axis === longitude ? -delta(latitude) * Math.sin(angle) : delta(longitude) * Math.sin(angle);
  };
}

function coupledAxis(header: FitsHeader, { longitude, latitude }: CelestialAxes): number | undefined {
  const form = matrixForm(header);
  if (form === "CROTA") return undefined;
  const numAxes = header.number("WCSAXES") ?? header.number("NAXIS") ?? 2;
  for (let axis = 1; axis <= Math.min(numAxes, 99); axis++) {
    if (axis === longitude || axis === latitude) continue;
    if ([longitude, latitude].some((sky) => (element(header, form, sky, axis) ?? 0) !== 0)) return axis;
  }
  return undefined;
}

/** The first keyword that must be a number and is something else, or a scale that is missing. */
function unreadableKeyword(header: FitsHeader, { longitude, latitude }: CelestialAxes): string | undefined {
  for (const axis of [longitude, latitude]) {
    for (const name of [`CRPIX${axis}`, `CRVAL${axis}`, `CDELT${axis}`, `CROTA${axis}`]) {
      const value = header.get(name);
      if (value !== undefined && header.number(name) === undefined) return `${name} is ${JSON.stringify(value)}, not a number`;
    }
    if (matrixForm(header) !== "CD" && header.number(`CDELT${axis}`) === undefined) return `CDELT${axis} is missing`;
  }
  return undefined;
}

// World coordinates of an image: pixel to RA and Dec and back, for the SIN and TAN projections (Calabretta & Greisen 2002).
import { type CelestialAxes, celestialAxes } from "./celestial-axes.ts";
import type { FitsHeader } from "./header.ts";
import { degreesPerUnit, type LinearTransform, linearTransform, pixelSizeDeg } from "./linear-transform.ts";
import { type Projection, sinProjection, TAN } from "./projection.ts";
import { cosDeg, sinDeg } from "./sine.ts";

/** Degrees; RA in [0, 360). */
export interface SkyPosition {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** 0-based: (0, 0) is the centre of FITS's pixel (1, 1); x along the fast axis (columns), y along the slow one (rows). */
export interface PixelPosition {
  readonly x: number;
  readonly y: number;
}

/** World coordinates of an image. Positions are in the frame of the header; nothing is precessed. */
export interface Wcs {
  readonly projection: "SIN" | "TAN";
  /** RADESYS, or what the standard puts in its place: "ICRS", "FK5", "FK4". */
  readonly frame: string;
  /** EQUINOX in years, where the header gives one. */
  readonly equinox: number | undefined;
  /** Root of a pixel's area at the reference point. */
  readonly pixelScaleDeg: number;
  /** Undefined on the far side of the sky, and for NaN. RA may be any number of turns away. */
  skyToPixel(raDeg: number, decDeg: number): PixelPosition | undefined;
  /** Undefined where the pixel shows no point of the sky. */
  pixelToSky(x: number, y: number): SkyPosition | undefined;
  /** `skyToPixel` of many positions; NaN where that is undefined. */
  skyToPixels(raDeg: ArrayLike<number>, decDeg: ArrayLike<number>): { readonly x: Float64Array; readonly y: Float64Array };
}

/** The world coordinates of a header, or undefined; `wcsProblem` then says why. */
export function wcsOf(header: FitsHeader): Wcs | undefined {
  const found = buildWcs(header);
  return typeof found === "string" ? undefined : found;
}

/** Why `wcsOf` finds nothing, as a sentence without a full stop; undefined where it finds something. */
export function wcsProblem(header: FitsHeader): string | undefined {
  const found = buildWcs(header);
  return typeof found === "string" ? found : undefined;
}

/** Size of a pixel (root of its area), also for projections that `wcsOf` refuses; undefined where the header gives none. */
export function pixelScaleDegOf(header: FitsHeader): number | undefined {
  const axes = celestialAxes(header);
  const transform = axes ? linearTransform(header, axes) : "no axes";
  return typeof transform === "string" ? undefined : pixelSizeDeg(transform);
}

function buildWcs(header: FitsHeader): Wcs | string {
  const axes = celestialAxes(header);
  if (!axes) return "the header names no RA and Dec axes (CTYPE)";
  if (axes.system !== "RA") return `the coordinates are ${axes.system}, not RA and Dec`;
  const linear = linearTransform(header, axes);
  if (typeof linear === "string") return linear;
  const reference = referencePoint(header, axes);
  if (typeof reference === "string") return reference;
  const projection = projectionOf(header, axes, reference.decDeg);
  if (typeof projection === "string") return projection;
  return {
    projection: projection.name,
    ...frameOf(header),
    pixelScaleDeg: pixelSizeDeg(linear),
    ...transforms(linear, projection, reference),
  };
}

/** The reference point on the sky, and the native longitude of the celestial pole. */
interface ReferencePoint extends SkyPosition {
  readonly poleLongitudeDeg: number;
}

function referencePoint(header: FitsHeader, axes: CelestialAxes): ReferencePoint | string {
  const angle = (axis: number) => (header.number(`CRVAL${axis}`) ?? 0) * (degreesPerUnit(header, axis) ?? 1);
  const raDeg = angle(axes.longitude);
  const decDeg = angle(axes.latitude);
  if (Math.abs(decDeg) > 90) return `CRVAL${axes.latitude} is ${decDeg}, not a declination`;
  for (const [term, standard] of [
    [0, 0],
    [1, 0],
    [2, 90],
  ] as const) {
    const value = header.number(`PV${axes.longitude}_${term}`) ?? standard;
    if (value !== standard) return `PV${axes.longitude}_${term} = ${value} moves the projection's origin, which is not supported`;
  }
  // LATPOLE has no say: the reference point of a zenithal projection is its native pole (section 2.4, eq. 8 with theta_0 = 90).
  const poleLongitudeDeg = header.number(`PV${axes.longitude}_3`) ?? header.number("LONPOLE") ?? (decDeg >= 90 ? 0 : 180);
  return { raDeg, decDeg, poleLongitudeDeg };
}

function projectionOf(header: FitsHeader, axes: CelestialAxes, decDeg: number): Projection | string {
  const parameter = (term: number) => header.number(`PV${axes.latitude}_${term}`);
  if (axes.projection === "SIN") return sinProjection(parameter(1) ?? 0, parameter(2) ?? 0);
  if (axes.projection === "NCP") {
    if (decDeg === 0) return "the NCP projection has no image at declination 0";
    return sinProjection(0, cosDeg(decDeg) / sinDeg(decDeg));
  }
  if (axes.projection === "TAN") {
    const distorted = header.cards.find((card) =>
      new RegExp(`^PV(${axes.latitude}_\\d+|${axes.longitude}_([5-9]|\\d\\d+))$`).test(card.keyword),
    );
    return distorted ? `${distorted.keyword} asks for a distorted TAN projection (TPV), which is not supported` : TAN;
  }
  if (axes.projection === "") return "the RA and Dec axes name no projection";
  return `the ${axes.projection} projection is not supported (SIN and TAN are)`;
}

/** RADESYS and EQUINOX with their defaults and older names (section 3.1). */
function frameOf(header: FitsHeader): { readonly frame: string; readonly equinox: number | undefined } {
  const equinox = header.number("EQUINOX") ?? header.number("EPOCH");
  const named = (header.string("RADESYS") ?? header.string("RADECSYS"))?.trim().toUpperCase();
  const standard = equinox === undefined ? "ICRS" : equinox < 1984 ? "FK4" : "FK5";
  return { frame: named || standard, equinox };
}

const DEGREES = 180 / Math.PI;

function transforms(
  linear: LinearTransform,
  projection: Projection,
  reference: ReferencePoint,
): Pick<Wcs, "skyToPixel" | "pixelToSky" | "skyToPixels"> {
  const { longitudePerX, longitudePerY, latitudePerX, latitudePerY, referenceX, referenceY, determinant } = linear;
  const sinDec = sinDeg(reference.decDeg);
  const cosDec = cosDeg(reference.decDeg);
  // A pole at another native longitude than 180 turns the plane by the difference.
  const sinTurn = sinDeg(reference.poleLongitudeDeg - 180);
  const cosTurn = cosDeg(reference.poleLongitudeDeg - 180);

  const skyToPixel = (raDeg: number, decDeg: number): PixelPosition | undefined => {
    if (!(Math.abs(decDeg) <= 90)) return undefined;
    const cos = cosDeg(decDeg);
    const sin = sinDeg(decDeg);
    const toPole = cos * cosDeg(raDeg - reference.raDeg);
    const plane = projection.project({
      east: cos * sinDeg(raDeg - reference.raDeg),
      north: sin * cosDec - toPole * sinDec,
      up: sin * sinDec + toPole * cosDec,
    });
    if (plane === undefined || Number.isNaN(plane.x)) return undefined;
    const longitude = (plane.x * cosTurn - plane.y * sinTurn) * DEGREES;
    const latitude = (plane.y * cosTurn + plane.x * sinTurn) * DEGREES;
    return {
      x: (latitudePerY * longitude - longitudePerY * latitude) / determinant + referenceX - 1,
      y: (longitudePerX * latitude - latitudePerX * longitude) / determinant + referenceY - 1,
    };
  };

  const pixelToSky = (x: number, y: number): SkyPosition | undefined => {
    const dx = x + 1 - referenceX;
    const dy = y + 1 - referenceY;
    const longitude = (longitudePerX * dx + longitudePerY * dy) / DEGREES;
    const latitude = (latitudePerX * dx + latitudePerY * dy) / DEGREES;
    const direction = projection.deproject({
      x: longitude * cosTurn + latitude * sinTurn,
      y: latitude * cosTurn - longitude * sinTurn,
    });
    if (direction === undefined || Number.isNaN(direction.up)) return undefined;
    const toPole = direction.up * cosDec - direction.north * sinDec;
    const raDeg = reference.raDeg + Math.atan2(direction.east, toPole) * DEGREES;
    const decDeg = Math.atan2(direction.north * cosDec + direction.up * sinDec, Math.hypot(direction.east, toPole)) * DEGREES;
    return { raDeg: wrapDegrees(raDeg), decDeg };
  };

  const skyToPixels = (raDeg: ArrayLike<number>, decDeg: ArrayLike<number>) => {
    if (raDeg.length !== decDeg.length)
      throw new RangeError(`skyToPixels: expected as many Dec as RA (${raDeg.length}), got ${decDeg.length}.`);
    const x = new Float64Array(raDeg.length);
    const y = new Float64Array(raDeg.length);
    for (let index = 0; index < raDeg.length; index++) {
      const pixel = skyToPixel(raDeg[index]!, decDeg[index]!);
      x[index] = pixel?.x ?? Number.NaN;
      y[index] = pixel?.y ?? Number.NaN;
    }
    return { x, y };
  };
  return { skyToPixel, pixelToSky, skyToPixels };
}

/** An angle in [0, 360). */
function wrapDegrees(degrees: number): number {
  const rest = degrees - 360 * Math.floor(degrees / 360);
  return rest === 360 ? 0 : rest;
}

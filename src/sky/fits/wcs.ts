// World coordinates of an image: pixel to RA and Dec and back, for the SIN and TAN projections (Calabretta & Greisen 2002).
import { type CelestialAxes, celestialAxes } from "./celestial-axes.ts";
import type { FitsHeader } from "./header.ts";
import { degreesPerUnit, type LinearTransform, linearTransform, pixelSizeDeg } from "./linear-transform.ts";
import { deproject, type Projection, projectionDivisor } from "./projection.ts";

/** Degrees in a radian. */
const DEGREES = 180 / Math.PI;

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
  if (axes.projection === "SIN") return { name: "SIN", xi: parameter(1) ?? 0, eta: parameter(2) ?? 0 };
  if (axes.projection === "NCP") {
    if (decDeg === 0) return "the NCP projection has no image at declination 0";
    return { name: "SIN", xi: 0, eta: 1 / Math.tan(decDeg / DEGREES) };
  }
  if (axes.projection === "TAN") {
    const distorted = header.cards.find((card) =>
      new RegExp(`^PV(${axes.latitude}_\\d+|${axes.longitude}_([5-9]|\\d\\d+))$`).test(card.keyword),
    );
    return distorted
      ? `${distorted.keyword} asks for a distorted TAN projection (TPV), which is not supported`
      : { name: "TAN", xi: 0, eta: 0 };
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

/** All that the two ways between pixel and sky need. */
interface FieldGeometry {
  readonly linear: LinearTransform;
  readonly projection: Projection;
  readonly raDeg: number;
  readonly sinDec: number;
  readonly cosDec: number;
  /** A pole at another native longitude than 180 turns the plane by the difference. */
  readonly sinTurn: number;
  readonly cosTurn: number;
}

function transforms(
  linear: LinearTransform,
  projection: Projection,
  reference: ReferencePoint,
): Pick<Wcs, "skyToPixel" | "pixelToSky" | "skyToPixels"> {
  const turn = (reference.poleLongitudeDeg - 180) / DEGREES;
  const geometry: FieldGeometry = {
    linear,
    projection,
    raDeg: reference.raDeg,
    sinDec: Math.sin(reference.decDeg / DEGREES),
    cosDec: Math.cos(reference.decDeg / DEGREES),
    sinTurn: Math.sin(turn),
    cosTurn: Math.cos(turn),
  };
  const skyToPixels = (raDeg: ArrayLike<number>, decDeg: ArrayLike<number>) => {
    if (raDeg.length !== decDeg.length) {
      throw new RangeError(`skyToPixels: expected as many Dec as RA (${raDeg.length}), got ${decDeg.length}.`);
    }
    const x = new Float64Array(raDeg.length);
    const y = new Float64Array(raDeg.length);
    for (let index = 0; index < raDeg.length; index++) writePixel(geometry, raDeg[index]!, decDeg[index]!, x, y, index);
    return { x, y };
  };
  const skyToPixel = (raDeg: number, decDeg: number): PixelPosition | undefined => {
    const { x, y } = skyToPixels([raDeg], [decDeg]);
    return Number.isNaN(x[0]) ? undefined : { x: x[0]!, y: y[0]! };
  };
  return { skyToPixel, pixelToSky: (x, y) => skyAt(geometry, x, y), skyToPixels };
}

/** The pixel of a position, NaN where there is none, written into arrays: a million positions make no garbage. */
function writePixel(
  geometry: FieldGeometry,
  raDeg: number,
  decDeg: number,
  x: Float64Array,
  y: Float64Array,
  index: number,
): void {
  const { linear, projection, sinDec, cosDec, sinTurn, cosTurn } = geometry;
  const raOffset = (raDeg - geometry.raDeg) / DEGREES;
  const cos = Math.abs(decDeg) <= 90 ? Math.cos(decDeg / DEGREES) : Number.NaN;
  const sin = Math.sin(decDeg / DEGREES);
  const east = cos * Math.sin(raOffset);
  const toPole = cos * Math.cos(raOffset);
  const north = sin * cosDec - toPole * sinDec;
  const up = sin * sinDec + toPole * cosDec;
  const divisor = projectionDivisor(projection, east, north, up) || Number.NaN;
  const planeX = (east + projection.xi * (1 - up)) / divisor;
  const planeY = (north + projection.eta * (1 - up)) / divisor;
  const longitude = (planeX * cosTurn - planeY * sinTurn) * DEGREES;
  const latitude = (planeY * cosTurn + planeX * sinTurn) * DEGREES;
  x[index] = (linear.latitudePerY * longitude - linear.longitudePerY * latitude) / linear.determinant + linear.referenceX - 1;
  y[index] = (linear.longitudePerX * latitude - linear.latitudePerX * longitude) / linear.determinant + linear.referenceY - 1;
}

function skyAt(geometry: FieldGeometry, x: number, y: number): SkyPosition | undefined {
  const { linear, projection, sinDec, cosDec, sinTurn, cosTurn } = geometry;
  const dx = x + 1 - linear.referenceX;
  const dy = y + 1 - linear.referenceY;
  const longitude = (linear.longitudePerX * dx + linear.longitudePerY * dy) / DEGREES;
  const latitude = (linear.latitudePerX * dx + linear.latitudePerY * dy) / DEGREES;
  const direction = deproject(projection, longitude * cosTurn + latitude * sinTurn, latitude * cosTurn - longitude * sinTurn);
  if (direction === undefined || Number.isNaN(direction.up)) return undefined;
  const { east, north, up } = direction;
  const toPole = up * cosDec - north * sinDec;
  return {
    raDeg: wrapDegrees(geometry.raDeg + Math.atan2(east, toPole) * DEGREES),
    decDeg: Math.atan2(north * cosDec + up * sinDec, Math.hypot(east, toPole)) * DEGREES,
  };
}

/** An angle in [0, 360). */
function wrapDegrees(degrees: number): number {
  const rest = degrees - 360 * Math.floor(degrees / 360);
  return rest === 360 ? 0 : rest;
}

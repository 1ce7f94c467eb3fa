// World coordinates of an image: pixel to RA and Dec and back (Calabretta & Greisen 2002).
import { type CelestialAxes, celestialAxes } from "./celestial-axes.ts";
import { type FieldGeometry, fieldGeometry, skyAt, writePixel } from "./field-geometry.ts";
import { galacticFromIcrs, icrsFromGalactic } from "./galactic.ts";
import type { FitsHeader } from "./header.ts";
import { degreesPerUnit, linearTransform, pixelSizeDeg } from "./linear-transform.ts";
import { equatorialPole, type NativePole, zenithalPole } from "./native-pole.ts";
import type { ProjectionName } from "./projection.ts";
import { projectionOf } from "./projection-of.ts";
import type { SkyPosition } from "./sky-position.ts";

export type { SkyPosition };

/** 0-based: (0, 0) is the centre of FITS's pixel (1, 1); x along the fast axis (columns), y along the slow one (rows). */
export interface PixelPosition {
  readonly x: number;
  readonly y: number;
}

/**
 * World coordinates of an image: RA and Dec in the frame of the header; nothing is precessed. For galactic images they are ICRS,
 * rotated from and to galactic coordinates.
 */
export interface Wcs {
  readonly projection: ProjectionName;
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
  if (axes.system !== "RA" && axes.system !== "GLON") return `the coordinates are ${axes.system}, not RA and Dec or galactic`;
  const mismatch = axisMismatch(header, axes);
  if (mismatch !== undefined) return mismatch;
  const linear = linearTransform(header, axes);
  if (typeof linear === "string") return linear;
  const reference = referencePoint(header, axes);
  if (typeof reference === "string") return reference;
  const projection = projectionOf(header, axes, reference.decDeg);
  if (typeof projection === "string") return projection;
  const pole = nativePole(header, axes, reference, projection.isZenithal);
  if (typeof pole === "string") return pole;
  const geometry = fieldGeometry(linear, projection, pole);
  const isGalactic = axes.system === "GLON";
  return {
    projection: projection.name,
    ...(isGalactic ? { frame: "ICRS", equinox: undefined } : frameOf(header)),
    pixelScaleDeg: pixelSizeDeg(linear),
    ...(isGalactic ? galacticTransforms(geometry) : transforms(geometry)),
  };
}

/** Longitude and latitude of one system, in one projection. */
function axisMismatch(header: FitsHeader, axes: CelestialAxes): string | undefined {
  const type = (axis: number) => header.string(`CTYPE${axis}`)?.trim().toUpperCase() ?? "";
  const [longitude, latitude] = [type(axes.longitude), type(axes.latitude)];
  const isOne = latitude.startsWith(axes.system === "RA" ? "DEC" : "GLAT") && latitude.endsWith(axes.projection);
  return isOne
    ? undefined
    : `CTYPE${axes.longitude} and CTYPE${axes.latitude} do not belong together: ${longitude} and ${latitude}`;
}

function referencePoint(header: FitsHeader, axes: CelestialAxes): SkyPosition | string {
  const angle = (axis: number) => (header.number(`CRVAL${axis}`) ?? 0) * (degreesPerUnit(header, axis) ?? 1);
  const raDeg = angle(axes.longitude);
  const decDeg = angle(axes.latitude);
  if (Math.abs(decDeg) > 90)
    return `CRVAL${axes.latitude} is ${decDeg}, not a ${axes.system === "RA" ? "declination" : "latitude"}`;
  return { raDeg, decDeg };
}

/** The native pole by LONPOLE and LATPOLE, or PV1_3 and PV1_4 of the longitude axis, which go before them. */
function nativePole(header: FitsHeader, axes: CelestialAxes, reference: SkyPosition, isZenithal: boolean): NativePole | string {
  const standards = [0, 0, isZenithal ? 90 : 0];
  for (const [term, standard] of standards.entries()) {
    const value = header.number(`PV${axes.longitude}_${term}`) ?? standard;
    if (value !== standard) return `PV${axes.longitude}_${term} = ${value} moves the projection's origin, which is not supported`;
  }
  const longitudeOfPole = header.number(`PV${axes.longitude}_3`) ?? header.number("LONPOLE");
  if (isZenithal) return zenithalPole(reference, longitudeOfPole);
  return equatorialPole(reference, longitudeOfPole, header.number(`PV${axes.longitude}_4`) ?? header.number("LATPOLE"));
}

/** RADESYS and EQUINOX with their defaults and older names (section 3.1). */
function frameOf(header: FitsHeader): { readonly frame: string; readonly equinox: number | undefined } {
  const equinox = header.number("EQUINOX") ?? header.number("EPOCH");
  const named = (header.string("RADESYS") ?? header.string("RADECSYS"))?.trim().toUpperCase();
  const standard = equinox === undefined ? "ICRS" : equinox < 1984 ? "FK4" : "FK5";
  return { frame: named || standard, equinox };
}

type Transforms = Pick<Wcs, "skyToPixel" | "pixelToSky" | "skyToPixels">;

function transforms(geometry: FieldGeometry): Transforms {
  const place = { x: 0, y: 0 };
  const skyToPixels = (raDeg: ArrayLike<number>, decDeg: ArrayLike<number>) => {
    if (raDeg.length !== decDeg.length) {
      throw new RangeError(`skyToPixels: expected as many Dec as RA (${raDeg.length}), got ${decDeg.length}.`);
    }
    const x = new Float64Array(raDeg.length);
    const y = new Float64Array(raDeg.length);
    for (let index = 0; index < raDeg.length; index++) {
      writePixel(geometry, raDeg[index]!, decDeg[index]!, place);
      x[index] = place.x;
      y[index] = place.y;
    }
    return { x, y };
  };
  const skyToPixel = (raDeg: number, decDeg: number): PixelPosition | undefined => {
    writePixel(geometry, raDeg, decDeg, place);
    return Number.isNaN(place.x) ? undefined : { x: place.x, y: place.y };
  };
  return { skyToPixel, pixelToSky: (x, y) => skyAt(geometry, x, y), skyToPixels };
}

/** `geometry` is in galactic longitude and latitude; RA and Dec go in and come out. */
function galacticTransforms(geometry: FieldGeometry): Transforms {
  const { skyToPixel, pixelToSky, skyToPixels } = transforms(geometry);
  const galactic = (raDeg: number, decDeg: number) =>
    Math.abs(decDeg) <= 90 ? galacticFromIcrs({ raDeg, decDeg }) : { raDeg: Number.NaN, decDeg: Number.NaN };
  return {
    skyToPixel(raDeg, decDeg) {
      const position = galactic(raDeg, decDeg);
      return skyToPixel(position.raDeg, position.decDeg);
    },
    pixelToSky(x, y) {
      const position = pixelToSky(x, y);
      return position && icrsFromGalactic(position);
    },
    skyToPixels(raDeg, decDeg) {
      const positions = Array.from(raDeg, (ra, index) => galactic(ra, decDeg[index] ?? Number.NaN));
      const latitudes = Array.from(decDeg, (_, index) => positions[index]?.decDeg ?? Number.NaN);
      return skyToPixels(
        positions.map((position) => position.raDeg),
        latitudes,
      );
    },
  };
}

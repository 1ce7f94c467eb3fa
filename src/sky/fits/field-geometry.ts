// The two ways between pixels and the sky: linear transform, projection, and the turn of its native frame on the sky.
import type { LinearTransform } from "./linear-transform.ts";
import type { NativePole } from "./native-pole.ts";
import type { PlanePlace, Projection } from "./projection.ts";
import { type SkyPosition, wrapDegrees } from "./sky-position.ts";

/** Degrees in a radian. */
const DEGREES = 180 / Math.PI;

/** All that the two ways between pixel and sky need. */
export interface FieldGeometry {
  readonly linear: LinearTransform;
  readonly projection: Projection;
  /** Of the native pole. */
  readonly raDeg: number;
  readonly sinDec: number;
  readonly cosDec: number;
  /** A celestial pole at another native longitude than 180 turns the native frame by the difference. */
  readonly sinTurn: number;
  readonly cosTurn: number;
}

export function fieldGeometry(linear: LinearTransform, projection: Projection, pole: NativePole): FieldGeometry {
  const turn = (pole.poleLongitudeDeg - 180) / DEGREES;
  return {
    linear,
    projection,
    raDeg: pole.raDeg,
    sinDec: Math.sin(pole.decDeg / DEGREES),
    cosDec: Math.cos(pole.decDeg / DEGREES),
    sinTurn: Math.sin(turn),
    cosTurn: Math.cos(turn),
  };
}

/** The pixel of a position, counted from 0, NaN where there is none, written to `place`. */
export function writePixel(geometry: FieldGeometry, raDeg: number, decDeg: number, place: PlanePlace): void {
  const { linear, projection, sinDec, cosDec, sinTurn, cosTurn } = geometry;
  const raOffset = (raDeg - geometry.raDeg) / DEGREES;
  const cos = Math.abs(decDeg) <= 90 ? Math.cos(decDeg / DEGREES) : Number.NaN;
  const sin = Math.sin(decDeg / DEGREES);
  const east = cos * Math.sin(raOffset);
  const toPole = cos * Math.cos(raOffset);
  const north = sin * cosDec - toPole * sinDec;
  const up = sin * sinDec + toPole * cosDec;
  projection.project(east * cosTurn - north * sinTurn, north * cosTurn + east * sinTurn, up, place);
  const longitude = place.x * DEGREES;
  const latitude = place.y * DEGREES;
  place.x = (linear.latitudePerY * longitude - linear.longitudePerY * latitude) / linear.determinant + linear.referenceX - 1;
  place.y = (linear.longitudePerX * latitude - linear.latitudePerX * longitude) / linear.determinant + linear.referenceY - 1;
}

/** The position of a pixel, counted from 0; undefined where it shows no point of the sky. */
export function skyAt(geometry: FieldGeometry, x: number, y: number): SkyPosition | undefined {
  const { linear, projection, sinDec, cosDec, sinTurn, cosTurn } = geometry;
  const dx = x + 1 - linear.referenceX;
  const dy = y + 1 - linear.referenceY;
  const longitude = (linear.longitudePerX * dx + linear.longitudePerY * dy) / DEGREES;
  const latitude = (linear.latitudePerX * dx + linear.latitudePerY * dy) / DEGREES;
  const direction = projection.deproject(longitude, latitude);
  if (direction === undefined || Number.isNaN(direction.up)) return undefined;
  const { right, above, up } = direction;
  const east = right * cosTurn + above * sinTurn;
  const north = above * cosTurn - right * sinTurn;
  const toPole = up * cosDec - north * sinDec;
  return {
    raDeg: wrapDegrees(geometry.raDeg + Math.atan2(east, toPole) * DEGREES),
    decDeg: Math.atan2(north * cosDec + up * sinDec, Math.hypot(east, toPole)) * DEGREES,
  };
}

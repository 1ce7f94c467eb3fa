// From the sphere to the plane and back: what every projection gives, and the table of those that are known.
import { aitoff, plateCarree } from "./all-sky-projections.ts";
import { equalArea, equidistant, gnomonic, orthographic, stereographic } from "./zenithal-projections.ts";

/** The projections that are known, by their FITS names. NCP is a case of SIN. */
export type ProjectionName = "SIN" | "TAN" | "ARC" | "ZEA" | "STG" | "AIT" | "CAR";

/**
 * A direction as a unit vector in the projection's own (native) frame: `up` towards its native pole, `right` and `above` as x and y
 * run on the plane around that pole. With native longitude phi and latitude theta: (cos theta sin phi, -cos theta cos phi, sin theta).
 */
export interface NativeDirection {
  readonly right: number;
  readonly above: number;
  readonly up: number;
}

/** A place on the plane, in radians; written to, so that a million positions make no garbage. NaN where there is none. */
export interface PlanePlace {
  x: number;
  y: number;
}

/** A projection. Zenithal ones have their reference point at the native pole, the others at native longitude and latitude 0. */
export interface Projection {
  readonly name: ProjectionName;
  readonly isZenithal: boolean;
  /** Writes the direction's place; NaN where the sphere has no image on the plane. */
  project(right: number, above: number, up: number, place: PlanePlace): void;
  /** The direction at a place; undefined where the plane shows no point of the sphere. */
  deproject(x: number, y: number): NativeDirection | undefined;
}

/** Projections without parameters of their own. */
export const PLAIN_PROJECTIONS: Readonly<Record<ProjectionName, Projection>> = {
  SIN: orthographic(0, 0),
  TAN: gnomonic,
  ARC: equidistant,
  ZEA: equalArea,
  STG: stereographic,
  AIT: aitoff,
  CAR: plateCarree,
};

// The piece of sky that a crop shows, as directions: its centre and corners.
import type { CropRecord } from "./crop-set.ts";
import { squareOnSky } from "./crop-sky.ts";

/** A unit vector towards a position. */
export type Direction = readonly [x: number, y: number, z: number];

/** A crop's piece of sky; a point (no corners) where its size is not known. */
export interface Footprint {
  readonly centre: Direction;
  readonly corners: readonly Direction[];
  /** Of the circle round all corners, in degrees. */
  readonly radiusDeg: number;
}

const DEGREES = 180 / Math.PI;

/** The footprint of a crop; undefined without a position. `sideDeg` counts where the record has no corners; 0: not known. */
export function cropFootprint(record: CropRecord, sideDeg: number): Footprint | undefined {
  const { raDeg, decDeg } = record;
  if (raDeg === null || decDeg === null) return undefined;
  const known = record.cornersRaDeg !== null && record.cornersDecDeg !== null;
  const { cornersRaDeg, cornersDecDeg } = known ? record : sideDeg > 0 ? squareOnSky(raDeg, decDeg, sideDeg) : NO_CORNERS;
  const centre = directionOf(raDeg, decDeg);
  const corners = cornersRaDeg!.map((ra, index) => directionOf(ra, cornersDecDeg![index]!)); // both are there, and as long
  return { centre, corners, radiusDeg: Math.max(0, ...corners.map((corner) => angleDeg(centre, corner))) };
}

const NO_CORNERS = { cornersRaDeg: [], cornersDecDeg: [] };

export function directionOf(raDeg: number, decDeg: number): Direction {
  const cos = Math.cos(decDeg / DEGREES);
  return [cos * Math.cos(raDeg / DEGREES), cos * Math.sin(raDeg / DEGREES), Math.sin(decDeg / DEGREES)];
}

/** Angle between two directions in degrees, exact for small ones. */
export function angleDeg(a: Direction, b: Direction): number {
  return 2 * DEGREES * Math.asin(Math.min(1, Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) / 2));
}

/** Share of the first footprint's area that lies in the second; 1 for a point inside it, 0 for one outside. */
export function sharedShare(first: Footprint, second: Footprint): number {
  const [ours, theirs] = [planeCorners(first.corners, first.centre), planeCorners(second.corners, first.centre)];
  if (theirs.length === 0) return 0;
  if (ours.length === 0) return contains(theirs, [0, 0]) ? 1 : 0;
  const area = Math.abs(signedArea(ours));
  return area === 0 ? 0 : Math.min(1, Math.abs(signedArea(clipped(ours, theirs))) / area);
}

type Point = readonly [x: number, y: number];

/** Gnomonic projection around a centre: great circles, a crop's edges, become straight lines. */
function planeCorners(corners: readonly Direction[], centre: Direction): readonly Point[] {
  const [cx, cy, cz] = centre;
  const equator = Math.hypot(cx, cy);
  const east: Direction = equator === 0 ? [0, 1, 0] : [-cy / equator, cx / equator, 0];
  const north: Direction = [cy * east[2] - cz * east[1], cz * east[0] - cx * east[2], cx * east[1] - cy * east[0]];
  const dot = (a: Direction, b: Direction) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  return corners.map((corner) => [dot(corner, east) / dot(corner, centre), dot(corner, north) / dot(corner, centre)]);
}

function signedArea(polygon: readonly Point[]): number {
  return polygon.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length]!;
    return sum + (x * nextY - nextX * y) / 2;
  }, 0);
}

/** Positive where `point` lies to the inside of the edge from `start` to `end`, for a polygon of this orientation. */
function side([px, py]: Point, [sx, sy]: Point, [ex, ey]: Point, orientation: number): number {
  return orientation * ((ex - sx) * (py - sy) - (ey - sy) * (px - sx));
}

function contains(polygon: readonly Point[], point: Point): boolean {
  const orientation = Math.sign(signedArea(polygon));
  return polygon.every((start, index) => side(point, start, polygon[(index + 1) % polygon.length]!, orientation) >= 0);
}

/** The part of a polygon inside a convex one (Sutherland & Hodgman 1974). */
function clipped(polygon: readonly Point[], clip: readonly Point[]): readonly Point[] {
  const orientation = Math.sign(signedArea(clip));
  let rest = polygon;
  for (let edge = 0; edge < clip.length; edge++) {
    const [start, end] = [clip[edge]!, clip[(edge + 1) % clip.length]!];
    const inside = (point: Point) => side(point, start, end, orientation);
    rest = rest.flatMap((point, index) => {
      const previous = rest[(index + rest.length - 1) % rest.length]!;
      const [here, before] = [inside(point), inside(previous)];
      const crossing: Point[] = here >= 0 === before >= 0 ? [] : [between(previous, point, before / (before - here))];
      return here >= 0 ? [...crossing, point] : crossing;
    });
  }
  return rest;
}

const between = ([ax, ay]: Point, [bx, by]: Point, t: number): Point => [ax + t * (bx - ax), ay + t * (by - ay)];

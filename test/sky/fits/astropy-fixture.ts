// Headers and positions that astropy computed: test/fixtures/wcs/astropy.json, made by test/reference/wcs_astropy.py.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CardValue, type FitsHeader, fitsHeader } from "#sky/fits";
import { projectRoot } from "../../real-data.ts";

/** A header's cards, 0-based pixels, and the positions there; null where a pixel is off the sky. */
export interface AstropyCase {
  readonly name: string;
  readonly cards: Readonly<Record<string, CardValue>>;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly ra: readonly (number | null)[];
  readonly dec: readonly (number | null)[];
}

export function astropyCases(): readonly AstropyCase[] {
  // Shape as wcs_astropy.py writes it.
  return JSON.parse(readFileSync(join(projectRoot, "test/fixtures/wcs/astropy.json"), "utf8")) as AstropyCase[];
}

export function headerFrom(cards: Readonly<Record<string, CardValue>>): FitsHeader {
  return fitsHeader(Object.entries(cards).map(([keyword, value]) => ({ keyword, value })));
}

/** Angle between two positions in degrees, exact for small angles and at the poles. */
export function separationDeg(a: { raDeg: number; decDeg: number }, b: { raDeg: number; decDeg: number }): number {
  const radians = Math.PI / 180;
  const vector = ({ raDeg, decDeg }: { raDeg: number; decDeg: number }) => {
    const cos = Math.cos(decDeg * radians);
    return [cos * Math.cos(raDeg * radians), cos * Math.sin(raDeg * radians), Math.sin(decDeg * radians)] as const;
  };
  const [u, v] = [vector(a), vector(b)];
  return (2 / radians) * Math.asin(Math.min(1, Math.hypot(u[0] - v[0], u[1] - v[1], u[2] - v[2]) / 2));
}

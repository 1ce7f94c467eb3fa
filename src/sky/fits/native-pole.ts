// Where a projection's native pole lies on the sky (Calabretta & Greisen 2002, section 2.4).
import type { SkyPosition } from "./sky-position.ts";

const DEGREES = 180 / Math.PI;

/** The native pole, and the native longitude of the celestial pole (LONPOLE). */
export interface NativePole extends SkyPosition {
  readonly poleLongitudeDeg: number;
}

/** Turns this small (in degrees) are rounding. */
const TOLERANCE = 1e-10;

/** The pole of a zenithal projection: its reference point. LATPOLE has no say (eq. 8 with theta_0 = 90). */
export function zenithalPole(reference: SkyPosition, longitudeOfPole: number | undefined): NativePole {
  return { ...reference, poleLongitudeDeg: longitudeOfPole ?? (reference.decDeg >= 90 ? 0 : 180) };
}

/**
 * The pole where the reference point has native longitude and latitude 0 (eq. 8 to 10 with theta_0 = 0): of the two that LONPOLE
 * allows, the one nearer to LATPOLE (90 where it is missing). A sentence where LONPOLE allows none.
 */
export function equatorialPole(
  reference: SkyPosition,
  longitudeOfPole: number | undefined,
  latitudeOfPole = 90,
): NativePole | string {
  const poleLongitudeDeg = longitudeOfPole ?? (reference.decDeg >= 0 ? 0 : 180);
  const decDeg = poleDeclination(reference.decDeg, poleLongitudeDeg, latitudeOfPole);
  if (decDeg === undefined) return `LONPOLE = ${poleLongitudeDeg} allows no native pole for declination ${reference.decDeg}`;
  return { raDeg: poleRightAscension(reference, poleLongitudeDeg, decDeg), decDeg, poleLongitudeDeg };
}

function poleDeclination(decDeg: number, poleLongitudeDeg: number, latitudeOfPole: number): number | undefined {
  const cosine = Math.cos(poleLongitudeDeg / DEGREES);
  if (Math.abs(cosine) < TOLERANCE / DEGREES) return Math.abs(decDeg) < TOLERANCE ? clampLatitude(latitudeOfPole) : undefined;
  const ratio = Math.sin(decDeg / DEGREES) / Math.abs(cosine);
  if (Math.abs(ratio) > 1 + TOLERANCE) return undefined;
  const middle = cosine > 0 ? 0 : 180;
  const offset = Math.acos(Math.max(-1, Math.min(1, ratio))) * DEGREES;
  const candidates = [middle + offset, middle - offset].map(signedDegrees).filter((dec) => Math.abs(dec) <= 90 + TOLERANCE);
  // The first of two that are equally near, as wcslib does.
  const [first, second] = candidates;
  if (first === undefined) return undefined;
  const isSecondNearer = second !== undefined && Math.abs(latitudeOfPole - second) < Math.abs(latitudeOfPole - first);
  return clampLatitude(isSecondNearer ? second : first);
}

function poleRightAscension({ raDeg, decDeg }: SkyPosition, poleLongitudeDeg: number, poleDecDeg: number): number {
  if (Math.abs(decDeg) >= 90 - TOLERANCE) return raDeg;
  if (poleDecDeg >= 90 - TOLERANCE) return raDeg + poleLongitudeDeg - 180;
  if (poleDecDeg <= -90 + TOLERANCE) return raDeg - poleLongitudeDeg;
  const sine = Math.sin(poleLongitudeDeg / DEGREES) / Math.cos(decDeg / DEGREES);
  const cosine = -Math.tan(poleDecDeg / DEGREES) * Math.tan(decDeg / DEGREES);
  return raDeg - Math.atan2(sine, cosine) * DEGREES;
}

const clampLatitude = (degrees: number) => Math.max(-90, Math.min(90, degrees));

/** An angle in [-180, 180). */
function signedDegrees(degrees: number): number {
  return degrees - 360 * Math.floor((degrees + 180) / 360);
}

// Which axes of an image are longitude and latitude, by CTYPE (Greisen & Calabretta 2002; Calabretta & Greisen 2002).
import type { FitsHeader } from "./header.ts";

/** The longitude and latitude axes, counted from 1 as NAXISn, CTYPEn. */
export interface CelestialAxes {
  readonly longitude: number;
  readonly latitude: number;
  /** "RA" for equatorial coordinates, else the CTYPE's first word: GLON, ELON, ... */
  readonly system: string;
  /** Three letters, and what follows them: "SIN", "TAN-SIP"; empty for plain RA and DEC. */
  readonly projection: string;
}

const LONGITUDE = /^(RA|GLON|ELON|SLON|HLON)(?:-+([A-Z]{3}(?:-[A-Z]+)?))?$/;
const LATITUDE = /^(DEC|GLAT|ELAT|SLAT|HLAT)(?:-+([A-Z]{3}(?:-[A-Z]+)?))?$/;

/** The celestial axes, or undefined where the header names no pair of them. */
export function celestialAxes(header: FitsHeader): CelestialAxes | undefined {
  const numAxes = Math.min(999, Math.max(header.number("NAXIS") ?? 0, header.number("WCSAXES") ?? 0));
  let longitude: { readonly axis: number; readonly match: RegExpExecArray } | undefined;
  let latitude: typeof longitude;
  for (let axis = 1; axis <= numAxes; axis++) {
    const type = header.string(`CTYPE${axis}`)?.trim().toUpperCase() ?? "";
    const isLongitude = LONGITUDE.exec(type);
    const isLatitude = LATITUDE.exec(type);
    if (isLongitude) longitude ??= { axis, match: isLongitude };
    if (isLatitude) latitude ??= { axis, match: isLatitude };
  }
  if (!longitude || !latitude) return undefined;
  return {
    longitude: longitude.axis,
    latitude: latitude.axis,
    system: longitude.match[1]!,
    projection: longitude.match[2] ?? "",
  };
}

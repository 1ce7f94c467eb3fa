// The restoring beam and the flux unit, as the many dialects of radio headers say them.
import { type FitsHeader, historyOf } from "./header.ts";

/** A Gaussian beam: full widths at half maximum in degrees, position angle from north through east. */
export interface Beam {
  readonly majorDeg: number;
  readonly minorDeg: number;
  readonly positionAngleDeg: number;
}

const KEYWORDS = [
  ["BMAJ", "BMIN", "BPA"],
  ["CLEANBMJ", "CLEANBMN", "CLEANBPA"], // Obit
] as const;

// AIPS leaves the beam in HISTORY: "AIPS   CLEAN BMAJ=  1.5000E-03 BMIN=  1.5000E-03 BPA=   0.00"; the last CLEAN counts.
const AIPS_BEAM = /CLEAN\s+BMAJ=\s*([-+.\dE]+)\s+BMIN=\s*([-+.\dE]+)\s+BPA=\s*([-+.\dE]+)/i;

/** The beam from BMAJ, BMIN and BPA (0 where missing), else from AIPS's HISTORY; undefined where neither gives positive widths. */
export function beamOf(header: FitsHeader): Beam | undefined {
  for (const [major, minor, angle] of KEYWORDS) {
    const beam = beamFrom(header.number(major), header.number(minor), header.number(angle) ?? 0);
    if (beam) return beam;
  }
  const line = historyOf(header).findLast((text) => AIPS_BEAM.test(text));
  const match = line === undefined ? null : AIPS_BEAM.exec(line);
  return match ? beamFrom(Number(match[1]), Number(match[2]), Number(match[3])) : undefined;
}

function beamFrom(majorDeg: number | undefined, minorDeg: number | undefined, positionAngleDeg: number): Beam | undefined {
  if (!(majorDeg !== undefined && majorDeg > 0 && minorDeg !== undefined && minorDeg > 0)) return undefined;
  return { majorDeg, minorDeg, positionAngleDeg };
}

/**
 * BUNIT in one spelling: "JY/BEAM", "Jy beam-1", "beam-1 Jy" -> "Jy/beam"; "arbitrary" where there is none, other units as they
 * stand. Prefixes are kept ("mJy/beam"): the pixels are not converted.
 */
export function fluxUnitOf(header: FitsHeader): string {
  const unit = header.string("BUNIT")?.trim() ?? "";
  if (unit === "") return "arbitrary";
  const match = /^([munk]?)jy\s*(?:\/\s*|[. ]\s*(?=.*-1$))(beam|pixel)(?:(?:\^|\*\*)?-1)?$/i.exec(
    unit.replace(/^(beam|pixel)(\^?-1)\s+(\S+)$/i, "$3 $1$2"),
  );
  if (!match) return unit;
  // "MJY/BEAM" may be mega or milli: left as it stands.
  const prefix = match[1]!;
  return prefix !== prefix.toLowerCase() ? unit : `${prefix}Jy/${match[2]!.toLowerCase()}`;
}

// RA and Dec as catalogues write them: degrees, or sexagesimal hours and degrees.

const SEXAGESIMAL = /^([+-]?)(\d{1,3})(?:[:hd°]\s*|\s+)(\d{1,2})(?:[:m'′]\s*|\s+)(\d{1,2}(?:\.\d*)?)\s*(?:s|"|″)?$/i;

/** A right ascension in degrees: "293.15", or hours as "19:32:37.5", "19 32 37.5", "19h32m37.5s". NaN for anything else. */
export function parseRightAscension(text: string): number {
  return isSexagesimal(text) ? 15 * parseSexagesimal(text) : parseDegrees(text);
}

/** A declination in degrees: "-65.26", "-65:15:45.6", "-65 15 45.6", "-65d15m45.6s". NaN for anything else. */
export function parseDeclination(text: string): number {
  return isSexagesimal(text) ? parseSexagesimal(text) : parseDegrees(text);
}

/** Plain numbers, which most catalogues hold, are told without the pattern. */
function isSexagesimal(text: string): boolean {
  return Number.isNaN(Number(text)) && SEXAGESIMAL.test(text);
}

function parseDegrees(text: string): number {
  return text === "" ? Number.NaN : Number(text);
}

function parseSexagesimal(text: string): number {
  const match = SEXAGESIMAL.exec(text)!; // callers have tested it
  const [whole, minutes, seconds] = [Number(match[2]), Number(match[3]), Number(match[4])];
  if (minutes >= 60 || seconds >= 60) return Number.NaN;
  const size = whole + minutes / 60 + seconds / 3600;
  // The sign is the text's: -00 30 00 lies south of the equator.
  return match[1] === "-" ? -size : size;
}

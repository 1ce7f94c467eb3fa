// A source catalogue in numbers.
import type { Catalogue, Source } from "#sky/catalogue";
import { counted } from "../terminal.ts";
import type { Fact } from "./fact-lines.ts";

/** What `inspect --json` prints of a catalogue; null where no source has the quantity. */
export interface CatalogueReport {
  readonly kind: "catalogue";
  readonly path: string;
  readonly sources: number;
  readonly fields: number;
  readonly raDeg: ValueRange | null;
  readonly decDeg: ValueRange | null;
  readonly fluxJy: ValueRange | null;
  /** Of the major axis, FWHM. */
  readonly majorArcsec: ValueRange | null;
  readonly withFlux: number;
  readonly withSize: number;
  readonly sha256: string;
  readonly warnings: readonly string[];
}

interface ValueRange {
  readonly least: number;
  readonly greatest: number;
}

/** The report, and its facts for a person. */
export function catalogueReport(
  path: string,
  { sources, warnings, sha256 }: Catalogue,
): { readonly report: CatalogueReport; readonly facts: readonly Fact[] } {
  const report: CatalogueReport = {
    kind: "catalogue",
    path,
    sources: sources.length,
    fields: new Set(sources.flatMap(({ field }) => field ?? [])).size,
    raDeg: rangeOf(sources, ({ raDeg }) => raDeg),
    decDeg: rangeOf(sources, ({ decDeg }) => decDeg),
    fluxJy: rangeOf(sources, ({ fluxJy }) => fluxJy),
    withFlux: sources.filter(({ fluxJy }) => fluxJy !== null).length,
    majorArcsec: rangeOf(sources, ({ majorDeg }) => (majorDeg === null ? null : 3600 * majorDeg)),
    withSize: sources.filter(({ majorDeg }) => majorDeg !== null).length,
    sha256,
    warnings,
  };
  const range = (found: ValueRange | null, digits: number) =>
    found === null ? "none" : `${Number(found.least.toPrecision(digits))} to ${Number(found.greatest.toPrecision(digits))}`;
  const known = (found: ValueRange | null, unit: string, count: number) =>
    found === null ? "of no source" : `${range(found, 4)} ${unit}, of ${counted(count, "source")}`;
  return {
    report,
    facts: [
      ["catalogue", `${report.sources} sources${report.fields > 0 ? ` of ${counted(report.fields, "field")}` : ""}`],
      ["RA, Dec", `${range(report.raDeg, 8)}, ${range(report.decDeg, 8)} deg`],
      ["flux", known(report.fluxJy, "Jy", report.withFlux)],
      ["size", known(report.majorArcsec, "arcsec (major axis, FWHM)", report.withSize)],
      ["sha256", sha256],
    ],
  };
}

function rangeOf(sources: readonly Source[], numberOf: (source: Source) => number | null): ValueRange | null {
  let range: ValueRange | null = null;
  for (const source of sources) {
    const value = numberOf(source);
    if (value === null) continue;
    range =
      range === null
        ? { least: value, greatest: value }
        : { least: Math.min(range.least, value), greatest: Math.max(range.greatest, value) };
  }
  return range;
}

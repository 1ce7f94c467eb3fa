// A FITS file: its units, and its first or chosen image in numbers, in words and as a figure.
import { writeFileAtomically } from "#base/files/disk";
import { histogramGridSvg } from "#report";
import { FitsError, type FitsHeader, type UnitChoice } from "#sky/fits";
import { loadFieldImage, readFitsUnits, type UnitSummary } from "#sky/fits/disk";
import { type FieldInspection, inspectField, scalingHistograms } from "#sky/survey";

/** How an image is looked at. */
export interface FitsFlags {
  readonly plane: number;
  readonly hdu?: UnitChoice;
  readonly low: number;
  readonly high: number;
  readonly exponent: number;
  readonly figure?: string;
}

/** What `inspect --json` prints of a FITS file. */
export interface FitsReport {
  readonly kind: "fits";
  readonly file: string;
  readonly units: readonly {
    readonly hdu: number;
    readonly kind: string;
    readonly name: string | null;
    readonly shape: readonly number[];
  }[];
  /** Keywords that say what was observed, as they stand. */
  readonly header: Readonly<Record<string, string | number | boolean>>;
  readonly image: FieldInspection;
  readonly warnings: readonly string[];
  readonly figure: string | null;
}

/** Whether a file holds an image. Throws FitsError for what is no FITS file. */
export function fitsUnits(file: string): { readonly units: readonly UnitSummary[]; readonly hasImage: boolean } {
  const units = readFitsUnits(file);
  return { units, hasImage: units.some(({ kind }) => kind === "image" || kind === "compressed image") };
}

/** Reads and measures an image; writes the figure where one is asked for. Throws FitsError as `loadFieldImage` does. */
export async function inspectFits(file: string, units: readonly UnitSummary[], flags: FitsFlags): Promise<FitsReport> {
  const field = await loadFieldImage(file, {
    plane: flags.plane,
    ...(flags.hdu === undefined ? {} : { hdu: flags.hdu }),
  });
  const image = inspectField(field, { lowPercentile: flags.low, highPercentile: flags.high });
  if (flags.figure !== undefined) {
    if (image.flux === null || !(image.flux.lowest < image.flux.highest)) {
      throw new FitsError(
        `${file}: --figure: expected pixels that differ, got one value or NaN everywhere. There is nothing to draw.`,
        { file },
      );
    }
    const histograms = scalingHistograms(field.pixels, image.flux, flags.exponent);
    const svg = histogramGridSvg({
      description: `Histograms of ${field.name} under five scalings`,
      xName: "scaled flux",
      yName: "pixels",
      histograms: histograms.map(({ description, counts }) => ({ title: description, counts })),
    });
    writeFileAtomically(flags.figure, new TextEncoder().encode(svg));
  }
  return {
    kind: "fits",
    file,
    units: units.map(({ hdu, kind, name, shape }) => ({ hdu, kind, name: name ?? null, shape })),
    header: headerSummary(field.header),
    image,
    warnings: field.warnings,
    figure: flags.figure ?? null,
  };
}

const TOLD_KEYWORDS = ["OBJECT", "TELESCOP", "INSTRUME", "OBSERVER", "DATE-OBS", "ORIGIN", "BITPIX", "BUNIT", "RESTFRQ"];

function headerSummary(header: FitsHeader): Record<string, string | number | boolean> {
  const told: Record<string, string | number | boolean> = {};
  const keep = (keyword: string) => {
    const value = header.get(keyword);
    if (value === undefined || value === null || value === "") return;
    told[keyword] = typeof value === "bigint" ? Number(value) : value;
  };
  for (const keyword of TOLD_KEYWORDS) keep(keyword);
  // The frequency stands on an axis of its own.
  for (let axis = 1; axis <= 5; axis++) {
    if (!/^FREQ/.test(header.string(`CTYPE${axis}`) ?? "")) continue;
    keep(`CTYPE${axis}`);
    keep(`CRVAL${axis}`);
  }
  return told;
}

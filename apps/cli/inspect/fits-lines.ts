// What inspect says of a FITS image, line by line.
import type { SkyPosition } from "#sky/fits";
import type { FieldInspection, FluxInspection } from "#sky/survey";
import { type Fact, factLines } from "./fact-lines.ts";
import type { FitsReport } from "./inspect-fits.ts";

const MOST_UNITS = 20;

export function fitsLines({ file, units, header, image, warnings, figure }: FitsReport): readonly string[] {
  const more = units.length > MOST_UNITS ? [`  and ${units.length - MOST_UNITS} more`] : [];
  return [
    file,
    ...units.slice(0, MOST_UNITS).map(({ hdu, kind, name, shape }) => {
      const size =
        shape.length === 0
          ? ""
          : kind.endsWith("table")
            ? `, ${shape[0]} rows of ${shape[1]} columns`
            : `, [${shape.join(", ")}]`;
      return `  HDU ${hdu}: ${kind === "none" ? "header without data" : kind}${name === null ? "" : ` "${name}"`}${size}`;
    }),
    ...more,
    ...factLines(Object.entries(header).map(([keyword, value]) => [keyword, String(value)] as const)),
    ...factLines(imageFacts(image)),
    ...warnings.map((warning) => `  warning: ${warning}`),
    ...(figure === null ? [] : [`  histograms of the scalings: ${figure}`]),
  ];
}

function imageFacts(image: FieldInspection): readonly Fact[] {
  const { height, width, plane, numPlanes, fluxUnit, pixelScaleDeg, beam, wcs, nanFraction, flux } = image;
  const planes = numPlanes === 1 ? "" : `, plane ${plane} of 0 to ${numPlanes - 1}`;
  const arcsec = (degrees: number) => `${Number((3600 * degrees).toPrecision(5))}"`;
  return [
    [
      "image",
      `${height} rows x ${width} columns${planes}, in ${fluxUnit === "arbitrary" ? "no unit (there is no BUNIT)" : fluxUnit}`,
    ],
    ["pixel", pixelScaleDeg === null ? "size not known" : arcsec(pixelScaleDeg)],
    [
      "beam",
      beam === null
        ? "not known"
        : `${arcsec(beam.majorDeg)} x ${arcsec(beam.minorDeg)}, position angle ${Number(beam.positionAngleDeg.toFixed(2))} deg`,
    ],
    [
      "coordinates",
      wcs === null
        ? `none: ${image.wcsProblem}`
        : `${wcs.projection}, ${wcs.frame}${wcs.equinox === null ? "" : ` ${wcs.equinox}`}`,
    ],
    ...(wcs?.centre ? [["centre", positionText(wcs.centre)] as const] : []),
    ...(wcs?.corners ? [["corners", wcs.corners.map(positionText).join(" | ")] as const] : []),
    ["without value", `${(100 * nanFraction).toFixed(nanFraction > 0 && nanFraction < 0.001 ? 4 : 1)} % of the pixels`],
    ...(flux === null ? [] : fluxFacts(flux, fluxUnit)),
  ];
}

function fluxFacts(flux: FluxInspection, fluxUnit: string): readonly Fact[] {
  const { lowest, highest, median, rms, lowPercentile, highPercentile, contrastStretch, zscale } = flux;
  const number = (value: number) => Number(value.toPrecision(5)).toString();
  const unit = fluxUnit === "arbitrary" ? "" : ` ${fluxUnit}`;
  return [
    ["flux", `${number(lowest)} to ${number(highest)}${unit}, median ${number(median)}, rms ${number(rms)} (from the quartiles)`],
    [
      `${lowPercentile} to ${highPercentile} %`,
      `${number(contrastStretch.lowFlux)} to ${number(contrastStretch.highFlux)}${unit} (contrast stretch)`,
    ],
    ["zscale", `${number(zscale.lowFlux)} to ${number(zscale.highFlux)}${unit}`],
  ];
}

function positionText({ raDeg, decDeg }: SkyPosition): string {
  return `${raDeg.toFixed(5)} ${decDeg < 0 ? "-" : "+"}${Math.abs(decDeg).toFixed(5)}`;
}

// Labels of crops from the catalogued sources that they show: counts, fluxes, sizes, density.
import type { Source } from "#sky/catalogue";
import type { CropRecord } from "./crop-set.ts";
import type { ShownSource } from "./source-ledger.ts";

/** What a crop's sources say of it. */
export type CropLabels = Pick<
  CropRecord,
  "sourceCount" | "shownSourceCount" | "summedFluxJy" | "meanFluxJy" | "brightestFluxJy" | "meanSizeDeg" | "sourceDensityPerSqDeg"
>;

const UNLABELLED: CropLabels = {
  sourceCount: null,
  shownSourceCount: null,
  summedFluxJy: null,
  meanFluxJy: null,
  brightestFluxJy: null,
  meanSizeDeg: null,
  sourceDensityPerSqDeg: null,
};

/** A crop without a source has a flux of zero; what has no meaning without one (mean, brightest, size) is null. */
const EMPTY: CropLabels = { ...UNLABELLED, sourceCount: 0, shownSourceCount: 0, summedFluxJy: 0, sourceDensityPerSqDeg: 0 };

/** A crop's area on the sky, and how much of it the catalogue covers. */
export interface CoveredCrop {
  /** 0 to 1. */
  readonly coverage: number;
  readonly areaSqDeg: number;
}

/**
 * The labels of a field's crops, in order. A crop that is covered by less than `minCoverage` has none: its zero would not mean that
 * there is nothing.
 */
export function cropLabels(
  crops: readonly CoveredCrop[],
  sources: readonly Source[],
  shown: readonly ShownSource[],
  minCoverage: number,
): readonly CropLabels[] {
  const byCrop = new Map<number, ShownSource[]>();
  for (const one of shown) {
    const ofCrop = byCrop.get(one.crop);
    if (ofCrop) ofCrop.push(one);
    else byCrop.set(one.crop, [one]);
  }
  return crops.map(({ coverage, areaSqDeg }, index) => {
    if (coverage === 0 || coverage < minCoverage) return UNLABELLED;
    const here = byCrop.get(index);
    return here === undefined ? EMPTY : labelsOf(here, sources, coverage * areaSqDeg);
  });
}

function labelsOf(here: readonly ShownSource[], sources: readonly Source[], coveredSqDeg: number): CropLabels {
  const fluxes = here.flatMap(({ source }) => sources[source]!.fluxJy ?? []);
  const sizes = here.flatMap(({ source }) => {
    const { majorDeg, minorDeg } = sources[source]!;
    return majorDeg === null ? [] : [Math.sqrt(majorDeg * (minorDeg ?? majorDeg))];
  });
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const ofAny = (values: readonly number[], value: number) => (values.length === 0 ? null : value);
  return {
    sourceCount: here.filter(({ isOwner }) => isOwner).length,
    shownSourceCount: here.length,
    summedFluxJy: ofAny(fluxes, sum(fluxes)),
    meanFluxJy: ofAny(fluxes, sum(fluxes) / fluxes.length),
    brightestFluxJy: ofAny(
      fluxes,
      fluxes.reduce((most, flux) => Math.max(most, flux), -Infinity),
    ),
    meanSizeDeg: ofAny(sizes, sum(sizes) / sizes.length),
    sourceDensityPerSqDeg: here.length / coveredSqDeg,
  };
}

// Labelled cutouts of radio galaxies as the VLA's FIRST survey images them: for FRI/FRII tasks and transfer tests.
import { type Random, randomFor } from "#base/array";
import { type Card, fitsHeader, wcsOf } from "#sky/fits";
import { beamNoise, gaussianForm } from "#sky/instrument";
import { logNormal, poisson } from "./draws.ts";
import { areaOf, covarianceOf, covarianceOfBeam, covarianceOfGaussian, summed } from "./gaussian-shape.ts";
import { paintGaussian, WIDENING } from "./paint.ts";
import { RADIO_GALAXY_KINDS, type RadioGalaxyKind, sampleRadioGalaxy } from "./radio-galaxy.ts";
import { roundGaussian, type SkyGaussian } from "./sky-object.ts";
import { sourceCounts } from "./source-counts.ts";

/** compact: one Gaussian smaller than 4 arcsec. */
export const CUTOUT_LABELS = [...RADIO_GALAXY_KINDS, "compact"] as const;
export type CutoutLabel = (typeof CUTOUT_LABELS)[number];

/** How cutouts are made. */
export interface CutoutConfig {
  readonly numCutouts: number;
  /** Side in pixels: MiraBest's images have 150. */
  readonly cutoutSize: number;
  /** Labels, dealt out in turn. */
  readonly labels: readonly CutoutLabel[];
}

export const DEFAULT_CUTOUTS: CutoutConfig = { numCutouts: 200, cutoutSize: 150, labels: ["FRI", "FRII"] };

/** A labelled image [size, size] in Jy/beam, its galaxy in the middle. */
export interface Cutout {
  readonly name: string;
  readonly label: CutoutLabel;
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
  readonly cards: readonly Card[];
  readonly raDeg: number;
  readonly decDeg: number;
  readonly fluxJy: number;
  readonly largestSizeArcsec: number;
  readonly coreFraction: number | null;
}

/** FIRST's beam, pixels, noise and frequency (Becker et al. 1995), and what its images detect. */
export const FIRST = {
  beam: { majorDeg: 5.4 / 3600, minorDeg: 5.4 / 3600, positionAngleDeg: 0 },
  pixelScaleDeg: 1.8 / 3600,
  noiseJyPerBeam: 1.5e-4,
  frequencyHz: 1.4e9,
  fieldSourcesFromJy: 7.5e-4,
} as const;

interface LabelScale {
  /** Median and spread of the logarithm. */
  readonly sizeArcsec: readonly [number, number];
  readonly fluxJy: readonly [number, number];
}

/** Sizes and fluxes of MiraBest's classes as measured on their FIRST images; WAT and NAT are its wide-angle and head-tail FRI. */
const SCALES: Readonly<Record<CutoutLabel, LabelScale>> = {
  FRI: { sizeArcsec: [64, 0.59], fluxJy: [0.055, 0.77] },
  FRII: { sizeArcsec: [30.6, 0.89], fluxJy: [0.077, 0.87] },
  WAT: { sizeArcsec: [56, 0.55], fluxJy: [0.069, 0.79] },
  NAT: { sizeArcsec: [38, 0.47], fluxJy: [0.083, 0.94] },
  HYB: { sizeArcsec: [42, 0.4], fluxJy: [0.092, 0.93] },
  other: { sizeArcsec: [42, 0.6], fluxJy: [0.055, 0.8] },
  compact: { sizeArcsec: [2, 0.4], fluxJy: [0.05, 0.9] },
};

const LARGEST_ARCSEC = 200;
const LARGEST_COMPACT_ARCSEC = 4;

/** Makes cutout `index` of a set. The same for the same configuration, seed and index. Throws RangeError for a bad setting. */
export function simulateCutout({ cutoutSize, labels, numCutouts }: CutoutConfig, seed: number, index: number): Cutout {
  if (labels.length === 0) throw new RangeError("cutouts: labels: expected at least one label, got none.");
  if (!(Number.isInteger(cutoutSize) && cutoutSize >= 32)) {
    throw new RangeError(`cutouts: cutoutSize: expected a whole number of at least 32 pixels, got ${cutoutSize}.`);
  }
  const random = randomFor(seed, "cutout", index);
  const label = labels[index % labels.length]!;
  const { sizeArcsec, fluxJy: fluxes } = SCALES[label];
  const largest = label === "compact" ? LARGEST_COMPACT_ARCSEC : LARGEST_ARCSEC;
  const scale = { largestSizeArcsec: Math.min(largest, logNormal(...sizeArcsec, random)), fluxJy: logNormal(...fluxes, random) };
  const galaxy = shapeOf(label, scale, random);
  const components = [...galaxy.components, ...fieldSources(cutoutSize, random)];
  const noise = beamNoise(
    gaussianForm(FIRST.beam, FIRST.pixelScaleDeg),
    { height: cutoutSize, width: cutoutSize },
    randomFor(seed, "cutout noise", index),
  );
  const pixels = noise.map((value) => value * FIRST.noiseJyPerBeam);
  for (const component of components) paintThroughBeam(component, { size: cutoutSize, pixels });
  const name = `SIM_FIRST_${seed}_${String(index).padStart(String(numCutouts - 1).length, "0")}`;
  const cards = cutoutCards(name, { cutoutSize, label, seed, index });
  return {
    name,
    label,
    height: cutoutSize,
    width: cutoutSize,
    pixels,
    cards,
    ...positionOf(cards, cutoutSize),
    ...scale,
    coreFraction: galaxy.coreFraction,
  };
}

function shapeOf(
  label: CutoutLabel,
  scale: { readonly largestSizeArcsec: number; readonly fluxJy: number },
  random: Random,
): { readonly components: readonly SkyGaussian[]; readonly coreFraction: number | null } {
  if (label !== "compact") return sampleRadioGalaxy(label as RadioGalaxyKind, scale, random); // every other label is one
  const minorArcsec = scale.largestSizeArcsec * random.uniformBetween(0.4, 1);
  const positionAngleDeg = random.uniformBetween(0, 180);
  return {
    components: [{ ...roundGaussian(0, 0, scale.fluxJy, scale.largestSizeArcsec), minorArcsec, positionAngleDeg }],
    coreFraction: null,
  };
}

/** Unrelated point sources that FIRST would detect. */
function fieldSources(cutoutSize: number, random: Random): readonly SkyGaussian[] {
  const counts = sourceCounts(FIRST.frequencyHz, FIRST.fieldSourcesFromJy, 1);
  const sideArcsec = cutoutSize * FIRST.pixelScaleDeg * 3600;
  const number = poisson(counts.perSqDeg * (sideArcsec / 3600) ** 2, random);
  const place = () => sideArcsec * random.uniformBetween(-0.5, 0.5);
  return Array.from({ length: number }, () => roundGaussian(place(), place(), counts.fluxAt(random.uniform()), 0));
}

/** FIRST's images are fully cleaned: the sky under the restoring beam. */
function paintThroughBeam(component: SkyGaussian, canvas: { readonly size: number; readonly pixels: Float32Array }): void {
  const beam = covarianceOfBeam(FIRST.beam, FIRST.pixelScaleDeg);
  const shape = summed(beam, covarianceOfGaussian(component, FIRST.pixelScaleDeg));
  const centre = (canvas.size - 1) / 2;
  const pixelArcsec = FIRST.pixelScaleDeg * 3600;
  paintGaussian(canvas, {
    x: centre - component.eastArcsec / pixelArcsec,
    y: centre + component.northArcsec / pixelArcsec,
    // A beam's area makes Jy per pixel Jy per beam. Painting widens every shape, which is taken off before.
    flux: component.fluxJy * areaOf(beam),
    shape: summed(shape, WIDENING_BACK),
  });
}

const WIDENING_BACK = { ...covarianceOf(0, 0, 0), xx: -WIDENING.xx, yy: -WIDENING.yy };

/** Cutouts stand on a grid of the northern sky, 0.3 degrees apart (a cutout has 0.075), so that no two show the same place. */
function cutoutCards(
  name: string,
  {
    cutoutSize,
    label,
    seed,
    index,
  }: { readonly cutoutSize: number; readonly label: CutoutLabel; readonly seed: number; readonly index: number },
): readonly Card[] {
  const centrePixel = (cutoutSize + 1) / 2;
  return [
    { keyword: "OBJECT", value: name },
    { keyword: "TELESCOP", value: "VLA" },
    { keyword: "OBSERVER", value: "simulator" },
    { keyword: "BUNIT", value: "JY/BEAM" },
    { keyword: "EQUINOX", value: 2000 },
    { keyword: "RADESYS", value: "FK5" },
    { keyword: "WCSAXES", value: 2 },
    { keyword: "CTYPE1", value: "RA---SIN" },
    { keyword: "CRVAL1", value: (0.3 * index) % 360 },
    { keyword: "CDELT1", value: -FIRST.pixelScaleDeg },
    { keyword: "CRPIX1", value: centrePixel },
    { keyword: "CUNIT1", value: "deg" },
    { keyword: "CTYPE2", value: "DEC--SIN" },
    { keyword: "CRVAL2", value: (0.3 * Math.floor(index / 1200)) % 60 },
    { keyword: "CDELT2", value: FIRST.pixelScaleDeg },
    { keyword: "CRPIX2", value: centrePixel },
    { keyword: "CUNIT2", value: "deg" },
    { keyword: "BMAJ", value: FIRST.beam.majorDeg, comment: "[deg] FWHM" },
    { keyword: "BMIN", value: FIRST.beam.minorDeg, comment: "[deg] FWHM" },
    { keyword: "BPA", value: 0, comment: "[deg] north through east" },
    { keyword: "SIMSEED", value: seed },
    { keyword: "SIMINDEX", value: index },
    { keyword: "SIMLABEL", value: label },
    { keyword: "HISTORY", value: "SIMULATED by Suricate in the manner of FIRST. This is no telescope's data." },
  ];
}

function positionOf(cards: readonly Card[], cutoutSize: number): { readonly raDeg: number; readonly decDeg: number } {
  const centre = (cutoutSize - 1) / 2;
  const position = wcsOf(fitsHeader(cards))?.pixelToSky(centre, centre);
  if (position === undefined) throw new Error("internal: cutouts: the header it wrote has no world coordinates.");
  return position;
}

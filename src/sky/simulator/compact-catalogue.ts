// What a source finder would list as single Gaussians: true sources that stand out of the finished image, with its errors (paper section 2.3).
import type { Random } from "#base/array";
import type { RestoringBeam } from "#sky/instrument";
import { apparentFluxJy } from "./apparent-sky.ts";
import type { FieldGeometry } from "./field-geometry.ts";
import { isInside } from "./field-geometry.ts";
import { areaOf, covarianceOfBeam, covarianceOfGaussian, ellipseOf, summed } from "./gaussian-shape.ts";
import { peakHeight } from "./local-peaks.ts";
import type { NoiseMap } from "./noise-map.ts";
import type { SkyObject } from "./sky-object.ts";

/** A catalogued source in pixels. Fluxes are corrected for the primary beam. */
export interface CompactSource {
  readonly truth: SkyObject;
  readonly x: number;
  readonly y: number;
  readonly peakFluxJyPerBeam: number;
  readonly fluxJy: number;
  /** One standard deviation of the peak flux; those of the other values follow from it (Condon 1997). */
  readonly rmsJyPerBeam: number;
  readonly majorDeg: number;
  readonly minorDeg: number;
  readonly positionAngleDeg: number;
}

/** The image that sources are looked for in, not corrected for the primary beam. */
export interface SearchedImage {
  readonly pixels: Float32Array;
  readonly geometry: FieldGeometry;
  readonly beam: RestoringBeam;
  readonly noise: NoiseMap;
  /** Peaks must be this many times the local rms. */
  readonly threshold: number;
}

/** Fainter sources than this many local rms are not followed: noise does not lift them over the threshold. */
const FOLLOWED_RMS = 1;
/** A source and its peak in the image are at most this many beams apart, and two catalogued sources at least BLEND_BEAMS. */
const PEAK_REACH_BEAMS = 0.4;
const BLEND_BEAMS = 0.7;
/** Sources that a finder would split: wider than this many beams in area. */
const SINGLE_BEAMS = 2;

/**
 * Lists the sources of a field, brightest first: one for each peak of the image that a true source leads to. Larger sources than two
 * beams are left out, and so is everything near very bright ones, as MGCLS's compact catalogue does.
 */
export function catalogueCompactSources(
  objects: readonly SkyObject[],
  image: SearchedImage,
  random: Random,
): readonly CompactSource[] {
  const zones = exclusionZones(objects, image.geometry);
  const beamPixels = image.beam.majorDeg / image.geometry.pixelScaleDeg;
  const taken = new NearPlaces(BLEND_BEAMS * beamPixels);
  const found: CompactSource[] = [];
  for (const { truth } of followedObjects(objects, image)) {
    const peak = peakNear(truth, image, PEAK_REACH_BEAMS * beamPixels);
    if (peak === undefined || peak.flux < image.threshold * image.noise.at(peak.x, peak.y)) continue;
    // Extended sources claim their peak too: what lies on one is no source of its own.
    if (!taken.add(peak) || isExtended(truth, image)) continue;
    const source = measured(truth, peak.flux, image, random);
    if (!zones.some(({ x, y, reach }) => Math.hypot(x - source.x, y - source.y) < reach)) found.push(source);
  }
  return found.toSorted((a, b) => b.peakFluxJyPerBeam - a.peakFluxJyPerBeam);
}

/** Sources inside the image that may show, the brightest as seen first. */
function followedObjects(objects: readonly SkyObject[], { geometry, noise }: SearchedImage) {
  return objects
    .filter((object) => isInside(object, geometry.fieldSize))
    .map((truth) => ({ truth, flux: apparentFluxJy(truth, geometry) }))
    .filter(({ truth, flux }) => flux > FOLLOWED_RMS * noise.at(truth.x, truth.y))
    .toSorted((a, b) => b.flux - a.flux);
}

function isExtended({ kind, components }: SkyObject, { beam, geometry }: SearchedImage): boolean {
  if (kind !== "point" && kind !== "gauss") return true;
  const beamShape = covarianceOfBeam(beam, geometry.pixelScaleDeg);
  const shape = summed(beamShape, covarianceOfGaussian(components[0]!, geometry.pixelScaleDeg));
  return areaOf(shape) > SINGLE_BEAMS * areaOf(beamShape);
}

interface Peak {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

/** Climbs from a source's pixel to the nearest peak; undefined where that leaves `reach` or the image. */
function peakNear({ x, y }: SkyObject, { pixels, geometry: { fieldSize } }: SearchedImage, reach: number): Peak | undefined {
  let [column, row] = [Math.round(x), Math.round(y)];
  for (;;) {
    if (column < 1 || row < 1 || column > fieldSize - 2 || row > fieldSize - 2) return undefined;
    if (Math.hypot(column - x, row - y) > reach) return undefined;
    const place = row * fieldSize + column;
    let best = place;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const other = place + dy * fieldSize + dx;
        if (pixels[other]! > pixels[best]!) best = other;
      }
    }
    if (best === place) return { x: column, y: row, flux: peakHeight(pixels, place, fieldSize) };
    [column, row] = [best % fieldSize, Math.floor(best / fieldSize)];
  }
}

const ZONE_FROM_JY = 0.1;

/** Round sources of more than 100 mJy as seen: 60 arcsec for 100 mJy, growing with the root of the flux, from 30 to 300. */
function exclusionZones(objects: readonly SkyObject[], geometry: FieldGeometry) {
  return objects.flatMap((object) => {
    if (object.fluxJy < ZONE_FROM_JY) return [];
    const flux = apparentFluxJy(object, geometry);
    const reachArcsec = Math.min(Math.max(60 * Math.sqrt(flux / ZONE_FROM_JY), 30), 300);
    return flux < ZONE_FROM_JY ? [] : [{ x: object.x, y: object.y, reach: reachArcsec / 3600 / geometry.pixelScaleDeg }];
  });
}

/** Systematic position error, in arcsec. */
const POSITION_FLOOR_ARCSEC = 0.1;

/** One standard deviation of a position along each axis, of a beam's width and a ratio of peak to rms (Condon 1997, point source). */
export function positionErrorDeg({ majorDeg, minorDeg }: RestoringBeam, signalToNoise: number): number {
  return Math.hypot((0.425 * Math.sqrt(majorDeg * minorDeg)) / signalToNoise, POSITION_FLOOR_ARCSEC / 3600);
}

function measured(truth: SkyObject, peak: number, { beam, geometry, noise }: SearchedImage, random: Random): CompactSource {
  const { pixelScaleDeg } = geometry;
  const rms = noise.at(truth.x, truth.y);
  const signalToNoise = peak / rms;
  const beamShape = covarianceOfBeam(beam, pixelScaleDeg);
  const { major, minor, positionAngleDeg } = ellipseOf(
    summed(beamShape, covarianceOfGaussian(truth.components[0]!, pixelScaleDeg)),
  );
  const positionError = positionErrorDeg(beam, signalToNoise) / pixelScaleDeg;
  const fitted = [1 + random.normal() / signalToNoise, 1 + random.normal() / signalToNoise];
  const [fittedMajor, fittedMinor] = [major * fitted[0]!, minor * fitted[1]!].toSorted((a, b) => b - a) as [number, number]; // two in, two out
  const x = truth.x + positionError * random.normal();
  const y = truth.y + positionError * random.normal();
  // Noise may carry the fitted place of a source on the edge off the image.
  const inImage = (value: number) => Math.min(Math.max(value, -0.49), geometry.fieldSize - 0.51);
  const peakFluxJyPerBeam = peak / geometry.powerAt(truth.x, truth.y);
  const beams = (fittedMajor * fittedMinor * pixelScaleDeg ** 2) / (beam.majorDeg * beam.minorDeg);
  return {
    truth,
    x: inImage(x),
    y: inImage(y),
    peakFluxJyPerBeam,
    fluxJy: peakFluxJyPerBeam * beams,
    rmsJyPerBeam: rms / geometry.powerAt(truth.x, truth.y),
    majorDeg: fittedMajor * pixelScaleDeg,
    minorDeg: fittedMinor * pixelScaleDeg,
    positionAngleDeg,
  };
}

/** Places of which no two are closer than `reach`. */
class NearPlaces {
  readonly #reach: number;
  readonly #cells = new Map<string, Peak[]>();

  constructor(reach: number) {
    this.#reach = reach;
  }

  /** Keeps the place, or says false where another one is near. */
  add(place: Peak): boolean {
    const [column, row] = [Math.floor(place.x / this.#reach), Math.floor(place.y / this.#reach)];
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        const near = this.#cells.get(`${column + dx},${row + dy}`) ?? [];
        if (near.some(({ x, y }) => Math.hypot(x - place.x, y - place.y) < this.#reach)) return false;
      }
    }
    const key = `${column},${row}`;
    this.#cells.set(key, [...(this.#cells.get(key) ?? []), place]);
    return true;
  }
}

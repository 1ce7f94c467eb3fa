// One field of the simulated sky: image, truth and catalogue. The same configuration, seed and index give the same bytes.
import { randomFor } from "#base/array";
import type { Source } from "#sky/catalogue";
import { type Card, fitsHeader, type Wcs, wcsOf } from "#sky/fits";
import type { RestoringBeam } from "#sky/instrument";
import { apparentFluxJy } from "./apparent-sky.ts";
import { type CompactSource, catalogueCompactSources, positionErrorDeg } from "./compact-catalogue.ts";
import { fieldCards } from "./field-cards.ts";
import { checkSky, type SkyConfig } from "./field-config.ts";
import { type FieldFacts, sampleFieldFacts } from "./field-facts.ts";
import { type FieldGeometry, fieldGeometryOf, isInside } from "./field-geometry.ts";
import { correctedForBeam, spectralPlanes } from "./image-planes.ts";
import { type NoiseMap, noiseMap } from "./noise-map.ts";
import { type ObservedField, observeSky } from "./observe-sky.ts";
import { sampleSky } from "./sample-sky.ts";
import type { SkyObject } from "./sky-object.ts";

/** An object of the truth with its place on the sky. */
export interface PlacedObject extends SkyObject {
  readonly raDeg: number;
  readonly decDeg: number;
  /** As the primary beam lets it through. */
  readonly apparentFluxJy: number;
}

/** A catalogued source with the errors that MGCLS's table has, one standard deviation each. */
export interface CataloguedSource extends Source {
  readonly positionErrorDeg: number;
  readonly fluxErrorJy: number;
  readonly peakFluxErrorJyPerBeam: number;
}

/** A bright source with gain errors of its own, as the truth records it. */
export interface ErrorSource {
  readonly id: string;
  readonly apparentFluxJy: number;
  readonly phaseDeg: number;
  readonly amplitude: number;
}

/** A simulated field, corrected for the primary beam: source fluxes are true everywhere, noise grows outwards. */
export interface SimulatedField {
  readonly name: string;
  readonly facts: FieldFacts;
  readonly height: number;
  readonly width: number;
  /** [height, width], Jy/beam, row 0 the first (southern) row: the first of `planes`. */
  readonly pixels: Float32Array;
  /** One or five of [height, width]. */
  readonly planes: readonly Float32Array[];
  readonly cards: readonly Card[];
  /** Every listed object inside the image. */
  readonly truth: readonly PlacedObject[];
  /** What a source finder would have listed, brightest first. */
  readonly sources: readonly CataloguedSource[];
  readonly beam: RestoringBeam;
  readonly errorSources: readonly ErrorSource[];
  readonly rippleRmsJyPerBeam: number;
  /** Median over the image of the local rms before the correction for the primary beam. */
  readonly localRmsJyPerBeam: number;
}

/** Makes field `fieldIndex` of a sky. Throws RangeError, naming the setting, where the configuration makes no sense. */
export function simulateField(config: SkyConfig, seed: number, fieldIndex: number): SimulatedField {
  checkSky(config);
  const facts = sampleFieldFacts(config, seed, fieldIndex);
  const geometry = fieldGeometryOf(config);
  const objects = sampleSky(config, facts, geometry);
  const observed = observeSky(objects, config, facts, geometry);
  const cards = fieldCards(config, facts, observed);
  const wcs = wcsOf(fitsHeader(cards));
  if (wcs === undefined) throw new Error("internal: simulator: the header it wrote has no world coordinates.");
  const noise = noiseMap(observed.apparent, config.fieldSize);
  const image = { pixels: observed.apparent, geometry, beam: observed.beam, noise, threshold: config.detectionThreshold };
  const compact = catalogueCompactSources(objects, image, randomFor(seed, "catalogue errors", fieldIndex));
  const planes = planesOf(observed, geometry, noise, facts);
  return {
    name: facts.name,
    facts,
    height: config.fieldSize,
    width: config.fieldSize,
    pixels: planes[0]!,
    planes,
    cards,
    truth: placedObjects(objects, config, geometry, wcs),
    sources: compact.map((source) => catalogued(source, { facts, beam: observed.beam, wcs })),
    beam: observed.beam,
    errorSources: observed.directionErrors.map(({ object, apparentFluxJy: flux, gainErrors }) => ({
      id: object.id,
      apparentFluxJy: flux,
      phaseDeg: gainErrors.phaseDeg,
      amplitude: gainErrors.amplitude,
    })),
    rippleRmsJyPerBeam: observed.rippleRmsJyPerBeam,
    localRmsJyPerBeam: noise.median,
  };
}

function planesOf(
  observed: ObservedField,
  geometry: FieldGeometry,
  noise: NoiseMap,
  { seed, fieldIndex }: FieldFacts,
): readonly Float32Array[] {
  const brightness = correctedForBeam(observed.apparent, geometry);
  const { spectral } = observed;
  if (spectral === undefined) return [brightness];
  return [
    brightness,
    ...spectralPlanes({ ...observed, spectral }, geometry, noise, randomFor(seed, "spectral errors", fieldIndex)),
  ];
}

function placedObjects(
  objects: readonly SkyObject[],
  { fieldSize, truthMinFluxJy }: SkyConfig,
  geometry: FieldGeometry,
  wcs: Wcs,
): readonly PlacedObject[] {
  return objects
    .filter((object) => object.fluxJy >= truthMinFluxJy && isInside(object, fieldSize))
    .map((object) => ({ ...object, ...positionOf(wcs, object), apparentFluxJy: apparentFluxJy(object, geometry) }));
}

function positionOf(
  wcs: Wcs,
  { x, y }: { readonly x: number; readonly y: number },
): { readonly raDeg: number; readonly decDeg: number } {
  const position = wcs.pixelToSky(x, y);
  if (position === undefined) throw new Error(`internal: simulator: pixel (${x}, ${y}) lies outside the projection.`);
  return position;
}

/** The error of an integrated flux is sqrt 3 times that of the peak (Condon 1997, for a point source). */
const FLUX_ERROR_FACTOR = Math.sqrt(3);

function catalogued(
  source: CompactSource,
  { facts, beam, wcs }: { readonly facts: FieldFacts; readonly beam: RestoringBeam; readonly wcs: Wcs },
): CataloguedSource {
  const { fluxJy, peakFluxJyPerBeam, rmsJyPerBeam, majorDeg, minorDeg, positionAngleDeg } = source;
  return {
    id: `${facts.name}_${source.truth.id}`,
    ...positionOf(wcs, source),
    fluxJy,
    peakFluxJyPerBeam,
    majorDeg,
    minorDeg,
    positionAngleDeg,
    field: facts.name,
    sourceCode: "S",
    positionErrorDeg: positionErrorDeg(beam, peakFluxJyPerBeam / rmsJyPerBeam),
    fluxErrorJy: FLUX_ERROR_FACTOR * rmsJyPerBeam,
    peakFluxErrorJyPerBeam: rmsJyPerBeam,
  };
}

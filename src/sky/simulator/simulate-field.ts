// One field of the simple sky: image, truth and catalogue. The same configuration, seed and index give the same bytes.
import { randomFor } from "#base/array";
import type { Source } from "#sky/catalogue";
import { type Card, fitsHeader, type Wcs, wcsOf } from "#sky/fits";
import { beamNoise, gaussianForm, primaryBeamPower, type RestoringBeam } from "#sky/instrument";
import { type DetectedSource, detectSources } from "./detect.ts";
import { paintSource } from "./paint.ts";
import { type SimpleFieldFacts, simpleFieldCards } from "./simple-field-cards.ts";
import { checkSimpleSky, type SimpleSkyConfig } from "./simple-sky-config.ts";
import { isInside, logUniform, sampleSources, type TrueSource } from "./simple-sources.ts";

/** A source of the truth with its place on the sky. */
export interface PlacedSource extends TrueSource {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** A simulated field, corrected for the primary beam: source fluxes are true everywhere, noise grows outwards. */
export interface SimulatedField {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** [height, width], Jy/beam, row 0 the first (southern) row. */
  readonly pixels: Float32Array;
  readonly cards: readonly Card[];
  /** Every source inside the image. */
  readonly truth: readonly PlacedSource[];
  /** What a source finder would have listed, brightest first. */
  readonly sources: readonly Source[];
  readonly beam: RestoringBeam;
  readonly noiseJyPerBeam: number;
}

/** Makes field `fieldIndex` of a sky. Throws RangeError, naming the setting, where the configuration makes no sense. */
export function simulateField(config: SimpleSkyConfig, seed: number, fieldIndex: number): SimulatedField {
  checkSimpleSky(config);
  const facts = sampleFacts(config, seed, fieldIndex);
  const cards = simpleFieldCards(config, facts);
  const wcs = wcsOf(fitsHeader(cards));
  if (wcs === undefined) throw new Error("internal: simulator: the header it wrote has no world coordinates.");
  const size = { height: config.fieldSize, width: config.fieldSize };
  const form = gaussianForm(facts.beam, config.pixelScaleDeg);
  const rmsAt = rmsOf(config, facts);

  const everySource = sampleSources(config, facts.sourcesPerSqDeg, seed, fieldIndex);
  const noise = beamNoise(form, size, randomFor(seed, "simple-sky noise", fieldIndex));
  for (let y = 0; y < size.height; y++) for (let x = 0; x < size.width; x++) noise[y * size.width + x]! *= rmsAt(x, y);
  const pixels = Float32Array.from(noise);
  for (const source of everySource) paintSource({ ...size, pixels }, source, form, config.pixelScaleDeg);

  const beamPixels = facts.beam.majorDeg / config.pixelScaleDeg;
  const detected = detectSources(everySource, { ...size, noise, rmsAt, beamPixels, threshold: config.detectionThreshold });
  const inside = everySource.filter((source) => isInside(source, config.fieldSize));
  return {
    name: facts.name,
    ...size,
    pixels,
    cards,
    truth: inside.map((source) => ({ ...source, ...positionOf(wcs, source) })),
    sources: detected.map((one) => catalogued(one, facts, positionOf(wcs, one))),
    beam: facts.beam,
    noiseJyPerBeam: facts.noiseJyPerBeam,
  };
}

/** What is drawn once a field. Fields stand six degrees apart, so that no two see the same sky. */
function sampleFacts(config: SimpleSkyConfig, seed: number, fieldIndex: number): SimpleFieldFacts {
  const random = randomFor(seed, "simple-sky field", fieldIndex);
  const majorDeg = logUniform(config.beamMajorDeg, random);
  const minorDeg = majorDeg * logUniform(config.beamAxisRatio, random);
  return {
    name: `SIM_${seed}_${String(fieldIndex).padStart(2, "0")}`,
    seed,
    fieldIndex,
    centre: { raDeg: (6 * fieldIndex) % 360, decDeg: -30 - 6 * Math.floor(fieldIndex / 60) },
    beam: { majorDeg, minorDeg, positionAngleDeg: random.uniformBetween(0, 180) },
    noiseJyPerBeam: logUniform(config.noiseJyPerBeam, random),
    sourcesPerSqDeg: logUniform(config.sourcesPerSqDeg, random),
  };
}

/** Expected rms of the corrected image at a pixel: the noise over the primary beam's power there. */
function rmsOf(config: SimpleSkyConfig, { noiseJyPerBeam }: SimpleFieldFacts): (x: number, y: number) => number {
  const centre = (config.fieldSize - 1) / 2;
  return (x, y) => {
    const offsetDeg = Math.hypot(x - centre, y - centre) * config.pixelScaleDeg;
    return noiseJyPerBeam / primaryBeamPower(offsetDeg, config.primaryBeamFwhmDeg);
  };
}

function positionOf(
  wcs: Wcs,
  { x, y }: { readonly x: number; readonly y: number },
): { readonly raDeg: number; readonly decDeg: number } {
  const position = wcs.pixelToSky(x, y);
  if (position === undefined) throw new Error(`internal: simulator: pixel (${x}, ${y}) lies outside the projection.`);
  return position;
}

function catalogued(
  one: DetectedSource,
  facts: SimpleFieldFacts,
  position: { readonly raDeg: number; readonly decDeg: number },
): Source {
  return {
    id: `${facts.name}_${one.truth.id}`,
    ...position,
    // Of a point source in Jy and Jy/beam the numbers are the same.
    fluxJy: one.peakFluxJyPerBeam,
    peakFluxJyPerBeam: one.peakFluxJyPerBeam,
    majorDeg: facts.beam.majorDeg,
    minorDeg: facts.beam.minorDeg,
    positionAngleDeg: facts.beam.positionAngleDeg,
    field: facts.name,
  };
}

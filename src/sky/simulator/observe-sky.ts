// From a sky to an image: max(S - T, 0) under the restoring beam, min(S, T) under the dirty beam, gain errors, ripples and noise.
import { randomFor } from "#base/array";
import { type ComplexGrid, complexGrid, fourierTransformInPlace } from "#base/image";
import {
  briggsWeights,
  dirtyBeamSpectrum,
  fittedBeam,
  MEDIUM_SAMPLING,
  meerkatObservation,
  type RestoringBeam,
  sampleRipple,
  type UvGrid,
  type UvValues,
  type UvWeights,
  uvGrid,
  uvNoise,
} from "#sky/instrument";
import { paintCleanedSky, paintSpectralSky } from "./apparent-sky.ts";
import { composeSpectrumInPlace } from "./compose-spectrum.ts";
import { DATA_QUALITIES, sampleRippleRange } from "./data-quality.ts";
import { addDirectionErrorsInPlace, type DirectionError, sampleDirectionErrors } from "./direction-errors.ts";
import { addPatternInPlace, type ErrorPlane, errorPlaneOf, sampleErrorPattern } from "./error-plane.ts";
import type { SkyConfig } from "./field-config.ts";
import type { FieldFacts } from "./field-facts.ts";
import type { FieldGeometry } from "./field-geometry.ts";
import { covarianceOfBeam } from "./gaussian-shape.ts";
import type { SkyObject } from "./sky-object.ts";

/** An image [fieldSize, fieldSize] in Jy/beam, not yet corrected for the primary beam. */
export interface ObservedField {
  readonly apparent: Float32Array;
  /** Spectral index times flux under the restoring beam, where the configuration asks for five planes. */
  readonly spectral: Float32Array | undefined;
  readonly beam: RestoringBeam;
  readonly directionErrors: readonly DirectionError[];
  readonly rippleRmsJyPerBeam: number;
}

const LEAST_BEAM_PIXELS = 3.2;

/** Observes a sky as MeerKAT would. The same for the same settings, seed and field. */
export function observeSky(
  objects: readonly SkyObject[],
  config: SkyConfig,
  facts: FieldFacts,
  geometry: FieldGeometry,
): ObservedField {
  const { seed, fieldIndex } = facts;
  const grid = uvGrid(meerkatObservation(facts.centre.decDeg, MEDIUM_SAMPLING), {
    size: geometry.gridSize,
    pixelScaleDeg: config.pixelScaleDeg,
  });
  const weights = briggsWeights(grid, config.robust);
  const beam = fittedBeam(grid, weights);
  requireSampledBeam(beam, config);
  const plane = skyTransform(objects, config, geometry, beam);
  const spectral = config.numPlanes === 5 ? spectralTransform(objects, geometry) : undefined;

  const ripple = rippleOf(grid, weights, facts);
  const noise = uvNoise(grid, weights, facts.noiseJyPerBeam, randomFor(seed, "uv noise", fieldIndex));
  const errorPlane = errorPlaneOf(config, facts, geometry);
  const spectra = {
    grid,
    beam: covarianceOfBeam(beam, config.pixelScaleDeg),
    dirty: dirtyBeamSpectrum(grid, weights),
    errors: errorTransform(errorPlane, geometry, facts),
    added: ripple.values ? summedValues([noise, ripple.values]) : noise,
  };
  composeSpectrumInPlace(plane, spectra, spectral);
  fourierTransformInPlace(plane, "inverse");
  const directionErrors = sampleDirectionErrors(objects, facts, geometry);
  addDirectionErrorsInPlace(plane.re, directionErrors, { errorPlane, geometry }, facts);
  return {
    apparent: cutOut(plane.re, geometry),
    spectral: spectral ? cutOut(plane.im, geometry) : undefined,
    beam,
    directionErrors,
    rippleRmsJyPerBeam: ripple.rms,
  };
}

/** Throws RangeError where the restoring beam is narrower than what painting widens by. */
function requireSampledBeam({ minorDeg }: RestoringBeam, { pixelScaleDeg, robust }: SkyConfig): void {
  const pixels = minorDeg / pixelScaleDeg;
  if (pixels > LEAST_BEAM_PIXELS) return;
  throw new RangeError(
    `simulator: robust: expected a beam wider than ${LEAST_BEAM_PIXELS} pixels, got ${pixels.toFixed(2)} at ${robust}. Choose a higher robust or smaller pixels.`,
  );
}

/** The transform of cleaned sky + i residual sky. */
function skyTransform(
  objects: readonly SkyObject[],
  { cleanLimitJyPerBeam }: SkyConfig,
  geometry: FieldGeometry,
  beam: RestoringBeam,
): ComplexGrid {
  const size = geometry.gridSize;
  const plane = complexGrid(size, size);
  const sky = { cleaned: { size, pixels: plane.re }, residual: { size, pixels: plane.im } };
  paintCleanedSky(objects, geometry, { beam, cleanLimit: cleanLimitJyPerBeam }, sky);
  fourierTransformInPlace(plane, "forward");
  return plane;
}

function spectralTransform(objects: readonly SkyObject[], geometry: FieldGeometry): ComplexGrid {
  const plane = complexGrid(geometry.gridSize, geometry.gridSize);
  paintSpectralSky(objects, geometry, { size: geometry.gridSize, pixels: plane.re });
  fourierTransformInPlace(plane, "forward");
  return plane;
}

/** The transform of the error beam that all directions share. */
function errorTransform(
  errorPlane: ErrorPlane,
  { gridSize }: FieldGeometry,
  { seed, fieldIndex, dataQualityFlag }: FieldFacts,
): ComplexGrid {
  const { gainErrors } = DATA_QUALITIES[dataQualityFlag];
  const pattern = sampleErrorPattern(errorPlane, gainErrors, randomFor(seed, "error beam", fieldIndex));
  const plane = complexGrid(gridSize, gridSize);
  addPatternInPlace(plane.re, gridSize, pattern, { x: 0, y: 0, edges: "joined" });
  fourierTransformInPlace(plane, "forward");
  return plane;
}

function rippleOf(
  grid: UvGrid,
  weights: UvWeights,
  { seed, fieldIndex, dataQualityFlag, noiseJyPerBeam }: FieldFacts,
): { readonly rms: number; readonly values?: UvValues } {
  const [low, high] = DATA_QUALITIES[dataQualityFlag].rippleNoises;
  if (high === 0) return { rms: 0 };
  const random = randomFor(seed, "ripple", fieldIndex);
  const rms = noiseJyPerBeam * random.uniformBetween(low, high);
  return { rms, values: sampleRipple(grid, weights, { range: sampleRippleRange(random), rms }, random) };
}

function summedValues(parts: readonly UvValues[]): UvValues {
  const sum = { re: parts[0]!.re.slice(), im: parts[0]!.im.slice() };
  for (const { re, im } of parts.slice(1)) {
    for (let slot = 0; slot < re.length; slot++) {
      sum.re[slot]! += re[slot]!;
      sum.im[slot]! += im[slot]!;
    }
  }
  return sum;
}

/** The image within the square. */
function cutOut(pixels: Float32Array, { fieldSize, gridSize, padding }: FieldGeometry): Float32Array {
  const image = new Float32Array(fieldSize * fieldSize);
  for (let y = 0; y < fieldSize; y++) {
    const start = (y + padding) * gridSize + padding;
    image.set(pixels.subarray(start, start + fieldSize), y * fieldSize);
  }
  return image;
}

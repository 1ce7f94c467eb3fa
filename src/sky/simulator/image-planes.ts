// The planes of a field's file: brightness corrected for the primary beam and, as MGCLS's cubes have them, spectral index, errors and chi squared.
import type { Random } from "#base/array";
import type { FieldGeometry } from "./field-geometry.ts";
import type { NoiseMap } from "./noise-map.ts";
import type { ObservedField } from "./observe-sky.ts";

/** Spectra are fitted where the brightness is this many times the local rms; elsewhere planes 2 to 5 are NaN. */
const SPECTRUM_FROM_RMS = 10;
/** Error of a spectral index over the L band, times signal to noise. */
const INDEX_ERROR = 0.6;
/** A MeerKAT cube's channels, less the two numbers fitted. */
const DEGREES_OF_FREEDOM = 12;

/** Divides the image by the primary beam's power: fluxes are true everywhere, noise grows outwards. */
export function correctedForBeam(apparent: Float32Array, { fieldSize, powerAt }: FieldGeometry): Float32Array {
  const corrected = new Float32Array(apparent.length);
  for (let y = 0, place = 0; y < fieldSize; y++) {
    for (let x = 0; x < fieldSize; x++, place++) corrected[place] = apparent[place]! / powerAt(x, y);
  }
  return corrected;
}

/** Spectral index, rms of the brightness, error of the spectral index, and reduced chi squared (Obit's MFImage with two terms). */
export function spectralPlanes(
  { apparent, spectral }: ObservedField & { readonly spectral: Float32Array },
  geometry: FieldGeometry,
  noise: NoiseMap,
  random: Random,
): readonly Float32Array[] {
  const [index, rms, indexError, chiSquared] = Array.from({ length: 4 }, () =>
    new Float32Array(apparent.length).fill(Number.NaN),
  );
  const { fieldSize } = geometry;
  for (let y = 0, place = 0; y < fieldSize; y++) {
    for (let x = 0; x < fieldSize; x++, place++) {
      const local = noise.at(x, y);
      const signalToNoise = apparent[place]! / local;
      if (signalToNoise < SPECTRUM_FROM_RMS) continue;
      const error = INDEX_ERROR / signalToNoise;
      index![place] = spectral[place]! / apparent[place]! + error * random.normal();
      rms![place] = local / geometry.powerAt(x, y);
      indexError![place] = error;
      chiSquared![place] = Math.max(0, 1 + Math.sqrt(2 / DEGREES_OF_FREEDOM) * random.normal());
    }
  }
  return [index!, rms!, indexError!, chiSquared!];
}

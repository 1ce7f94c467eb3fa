// Thermal noise as an interferometer's image has it: Gaussian, and correlated over one beam.
import type { Random } from "#base/array";
import { boxOf, type GaussianForm, gaussianAt } from "./restoring-beam.ts";

/** Weights below this are left out of the kernel. */
const KERNEL_LEVEL = 1e-4;

/**
 * Noise [height, width], row-major, of expected rms 1 whose autocorrelation is the beam.
 * White noise is convolved with the beam shrunk by sqrt 2: a Gaussian correlated with itself is sqrt 2 wider.
 */
export function beamNoise(
  beam: GaussianForm,
  size: { readonly height: number; readonly width: number },
  random: Random,
): Float32Array {
  const kernel = noiseKernel(beam);
  const { halfWidth, halfHeight } = kernel;
  const paddedWidth = size.width + 2 * halfWidth;
  const white = new Float32Array(paddedWidth * (size.height + 2 * halfHeight));
  for (let index = 0; index < white.length; index++) white[index] = random.normal();
  const noise = new Float32Array(size.height * size.width);
  const kernelWidth = 2 * halfWidth + 1;
  for (const [place, weight] of kernel.weights.entries()) {
    if (weight === 0) continue;
    const shift = Math.floor(place / kernelWidth) * paddedWidth + (place % kernelWidth);
    for (let y = 0; y < size.height; y++) {
      const from = shift + y * paddedWidth;
      const to = y * size.width;
      for (let x = 0; x < size.width; x++) noise[to + x] = noise[to + x]! + weight * white[from + x]!;
    }
  }
  return noise;
}

interface Kernel {
  /** [2 halfHeight + 1, 2 halfWidth + 1], row-major; squares sum to 1, so white noise keeps its rms. */
  readonly weights: Float64Array;
  readonly halfWidth: number;
  readonly halfHeight: number;
}

function noiseKernel(beam: GaussianForm): Kernel {
  const form: GaussianForm = { xx: 2 * beam.xx, xy: 2 * beam.xy, yy: 2 * beam.yy };
  const box = boxOf(form, KERNEL_LEVEL);
  const halfWidth = Math.ceil(box.halfWidth);
  const halfHeight = Math.ceil(box.halfHeight);
  const weights = new Float64Array((2 * halfHeight + 1) * (2 * halfWidth + 1));
  let place = 0;
  for (let dy = -halfHeight; dy <= halfHeight; dy++) {
    for (let dx = -halfWidth; dx <= halfWidth; dx++) {
      const value = gaussianAt(form, dx, dy);
      weights[place++] = value < KERNEL_LEVEL ? 0 : value;
    }
  }
  const norm = Math.hypot(...weights);
  return { weights: weights.map((weight) => weight / norm), halfWidth, halfHeight };
}

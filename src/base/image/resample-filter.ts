// The weights of a resampling filter along one axis, as PIL 9.4 computes them (src/libImaging/Resample.c, precompute_coeffs).

/** Named as in PIL: a triangle, and Keys' cubic with a = -0.5. (PyTorch's bicubic, a = -0.75, is another.) */
export type ResampleFilter = "bilinear" | "bicubic";

/** Output pixel i is the sum of counts[i] input pixels from starts[i] on, weighed by values[i * stride] and those that follow. */
export interface FilterWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly stride: number;
  readonly values: Float64Array;
}

interface Kernel {
  /** Half the width, in input pixels at scale 1. */
  readonly support: number;
  readonly valueAt: (distance: number) => number;
}

const KERNELS: Readonly<Record<ResampleFilter, Kernel>> = {
  bilinear: { support: 1, valueAt: (distance) => Math.max(0, 1 - Math.abs(distance)) },
  bicubic: { support: 2, valueAt: keysCubic },
};

/** Keys (1981), eq. 4, a = -0.5. */
function keysCubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** The reach of a filter around an output pixel's centre, in input pixels, where `scale` input pixels become one. */
export function filterReach(filter: ResampleFilter, scale: number): number {
  return KERNELS[filter].support * Math.max(scale, 1);
}

/** Weights that map input pixels [start, end) of an axis of `inSize` pixels to `outSize` pixels. */
export function filterWeights(
  filter: ResampleFilter,
  inSize: number,
  start: number,
  end: number,
  outSize: number,
): FilterWeights {
  // PIL keeps the box, and its width, in single precision.
  const first = Math.fround(start);
  const scale = Math.fround(Math.fround(end) - first) / outSize;
  const reach = filterReach(filter, scale);
  const shrink = 1 / Math.max(scale, 1);
  const stride = 2 * Math.ceil(reach) + 1;
  const starts = new Int32Array(outSize);
  const counts = new Int32Array(outSize);
  const values = new Float64Array(outSize * stride);
  for (let out = 0; out < outSize; out++) {
    const center = first + (out + 0.5) * scale;
    const from = Math.max(0, Math.trunc(center - reach + 0.5));
    const count = Math.min(inSize, Math.trunc(center + reach + 0.5)) - from;
    starts[out] = from;
    counts[out] = count;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const value = KERNELS[filter].valueAt((from + tap - center + 0.5) * shrink);
      values[out * stride + tap] = value;
      sum += value;
    }
    for (let tap = 0; tap < count; tap++) values[out * stride + tap]! /= sum;
  }
  return { starts, counts, stride, values };
}

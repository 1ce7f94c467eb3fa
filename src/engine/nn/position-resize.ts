// The resize of learned positions to another grid, as one constant matrix: linear, so its gradient is a product too.
import { type NdArray, ndArray } from "#base/array";
import { filterWeights } from "#base/image";

/**
 * "dino": DINO's, and DINOv2's without registers (facebookresearch/dino, interpolate_pos_encoding: scale factor
 * (n + 0.1) / sqrt(N), align_corners false). "antialias": DINOv2's with registers (facebookresearch/dinov2,
 * interpolate_antialias=True, interpolate_offset=0.0): PyTorch's antialiased bicubic, whose weights are PIL's.
 */
export type PositionResize = "dino" | "antialias";

// PyTorch's bicubic kernel (Keys 1981 with a = -0.75), without antialiasing.
const CUBIC_A = -0.75;
// DINO adds this to the wanted size, so that rounding down never loses a cell; the factor itself then places the samples.
const SIZE_NUDGE = 0.1;

/** Matrix [outHeight x outWidth, inSide x inSide] that resizes a square grid of position vectors bicubically. */
export function positionResizeMatrix(
  inSide: number,
  outHeight: number,
  outWidth: number,
  form: PositionResize = "dino",
): NdArray<"float32"> {
  const weightsOf = form === "dino" ? axisWeights : antialiasedWeights;
  const rows = weightsOf(inSide, outHeight);
  const columns = weightsOf(inSide, outWidth);
  const data = new Float32Array(outHeight * outWidth * inSide * inSide);
  for (let y = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++) {
      const start = (y * outWidth + x) * inSide * inSide;
      for (let i = 0; i < inSide; i++) {
        for (let j = 0; j < inSide; j++) data[start + i * inSide + j] = rows[y * inSide + i]! * columns[x * inSide + j]!;
      }
    }
  }
  return ndArray("float32", [outHeight * outWidth, inSide * inSide], data);
}

/** [outSize, inSize] weights of one axis; samples beyond the edge take the edge's value. */
function axisWeights(inSize: number, outSize: number): Float64Array {
  const scale = (outSize + SIZE_NUDGE) / inSize;
  const weights = new Float64Array(outSize * inSize);
  for (let out = 0; out < outSize; out++) {
    const position = (out + 0.5) / scale - 0.5;
    const first = Math.floor(position) - 1;
    for (let tap = 0; tap < 4; tap++) {
      const source = Math.min(Math.max(first + tap, 0), inSize - 1);
      weights[out * inSize + source]! += cubic(position - (first + tap));
    }
  }
  return weights;
}

/** [outSize, inSize] weights of one axis; samples beyond the edge are left out. */
function antialiasedWeights(inSize: number, outSize: number): Float64Array {
  const { starts, counts, stride, values } = filterWeights("bicubic", inSize, 0, inSize, outSize);
  const weights = new Float64Array(outSize * inSize);
  for (let out = 0; out < outSize; out++) {
    weights.set(values.subarray(out * stride, out * stride + counts[out]!), out * inSize + starts[out]!);
  }
  return weights;
}

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((CUBIC_A + 2) * x - (CUBIC_A + 3)) * x * x + 1;
  if (x < 2) return ((CUBIC_A * x - 5 * CUBIC_A) * x + 8 * CUBIC_A) * x - 4 * CUBIC_A;
  return 0;
}

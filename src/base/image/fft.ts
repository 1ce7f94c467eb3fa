// The discrete Fourier transform of 2-D grids whose sides are powers of two.

/** A complex grid, row-major: `re` and `im` of row y and column x are at y * width + x. */
export interface ComplexGrid {
  readonly height: number;
  readonly width: number;
  readonly re: Float32Array;
  readonly im: Float32Array;
}

/** forward: sum of value x exp(-2 pi i (k y / height + l x / width)); inverse: with +, divided by height x width, so that it undoes forward. */
export type FourierDirection = "forward" | "inverse";

/** A grid of zeros. Throws RangeError where a side is not a power of two. */
export function complexGrid(height: number, width: number): ComplexGrid {
  requirePowerOfTwo("height", height);
  requirePowerOfTwo("width", width);
  return { height, width, re: new Float32Array(height * width), im: new Float32Array(height * width) };
}

/** The smallest power of two that is at least `length`. */
export function powerOfTwoFrom(length: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(length)));
}

/** Columns that are transformed together: 16 float32 numbers fill a cache line. */
const COLUMN_BATCH = 16;

/** Transforms a grid in place; sums are formed in float64. Throws RangeError where a side is not a power of two. */
export function fourierTransformInPlace(grid: ComplexGrid, direction: FourierDirection): void {
  const { height, width } = grid;
  requirePowerOfTwo("height", height);
  requirePowerOfTwo("width", width);
  // Exchanging real and imaginary parts turns the forward transform into the inverse one.
  const [re, im] = direction === "forward" ? [grid.re, grid.im] : [grid.im, grid.re];
  const scale = direction === "forward" ? 1 : 1 / (height * width);
  transformRows(re, im, width);
  transformColumns(re, im, { height, width, scale });
}

function transformRows(re: Float32Array, im: Float32Array, width: number): void {
  const plan = planOf(width, 1);
  for (let start = 0; start < re.length; start += width) {
    for (let x = 0; x < width; x++) {
      plan.re[x] = re[start + x]!;
      plan.im[x] = im[start + x]!;
    }
    const result = runPlan(plan);
    re.set(result.re, start);
    im.set(result.im, start);
  }
}

function transformColumns(
  re: Float32Array,
  im: Float32Array,
  { height, width, scale }: { readonly height: number; readonly width: number; readonly scale: number },
): void {
  const batch = Math.min(COLUMN_BATCH, width);
  const plan = planOf(height, batch);
  for (let first = 0; first < width; first += batch) {
    for (let y = 0; y < height; y++) {
      const from = y * width + first;
      const to = y * batch;
      for (let x = 0; x < batch; x++) {
        plan.re[to + x] = re[from + x]!;
        plan.im[to + x] = im[from + x]!;
      }
    }
    const result = runPlan(plan);
    for (let y = 0; y < height; y++) {
      const from = y * batch;
      const to = y * width + first;
      for (let x = 0; x < batch; x++) {
        re[to + x] = result.re[from + x]! * scale;
        im[to + x] = result.im[from + x]! * scale;
      }
    }
  }
}

interface ComplexVector {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Scratch [length, batch] to fill, a second one to work in, and exp(-2 pi i k / length) for k below length. */
interface Plan extends ComplexVector {
  readonly length: number;
  readonly batch: number;
  readonly other: ComplexVector;
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const PLANS = new Map<string, Plan>();

function planOf(length: number, batch: number): Plan {
  const name = `${length} x ${batch}`;
  const known = PLANS.get(name);
  if (known !== undefined) return known;
  const vector = () => ({ re: new Float64Array(length * batch), im: new Float64Array(length * batch) });
  const angle = (k: number) => (-2 * Math.PI * k) / length;
  const plan: Plan = {
    length,
    batch,
    ...vector(),
    other: vector(),
    cosines: Float64Array.from({ length }, (_, k) => Math.cos(angle(k))),
    sines: Float64Array.from({ length }, (_, k) => Math.sin(angle(k))),
  };
  PLANS.set(name, plan);
  return plan;
}

/** Stockham's self-sorting transform (van Loan 1992, section 1.7), in steps of four and, for odd powers of two, a last one of two. */
function runPlan(plan: Plan): ComplexVector {
  let from: ComplexVector = plan;
  let to: ComplexVector = plan.other;
  let stride = plan.batch;
  let left = plan.length;
  for (; left >= 4; left /= 4, stride *= 4) {
    stepOfFour(from, to, { left, stride, plan });
    [from, to] = [to, from];
  }
  if (left === 2) {
    stepOfTwo(from, to, stride);
    [from, to] = [to, from];
  }
  return from;
}

function stepOfFour(
  { re: xr, im: xi }: ComplexVector,
  { re: yr, im: yi }: ComplexVector,
  { left, stride, plan }: { readonly left: number; readonly stride: number; readonly plan: Plan },
): void {
  const quarter = left / 4;
  const { cosines, sines } = plan;
  const turn = stride / plan.batch;
  const jump = stride * quarter;
  for (let p = 0; p < quarter; p++) {
    const c1 = cosines[p * turn]!;
    const s1 = sines[p * turn]!;
    const c2 = cosines[2 * p * turn]!;
    const s2 = sines[2 * p * turn]!;
    const c3 = cosines[3 * p * turn]!;
    const s3 = sines[3 * p * turn]!;
    let read = stride * p;
    let write = 4 * stride * p;
    for (const end = read + stride; read < end; read++, write++) {
      const second = read + jump;
      const third = second + jump;
      const fourth = third + jump;
      const ar = xr[read]! + xr[third]!;
      const ai = xi[read]! + xi[third]!;
      const br = xr[read]! - xr[third]!;
      const bi = xi[read]! - xi[third]!;
      const cr = xr[second]! + xr[fourth]!;
      const ci = xi[second]! + xi[fourth]!;
      // i times the second quarter less the fourth.
      const dr = xi[fourth]! - xi[second]!;
      const di = xr[second]! - xr[fourth]!;
      yr[write] = ar + cr;
      yi[write] = ai + ci;
      const er = br - dr;
      const ei = bi - di;
      yr[write + stride] = er * c1 - ei * s1;
      yi[write + stride] = er * s1 + ei * c1;
      const fr = ar - cr;
      const fi = ai - ci;
      yr[write + 2 * stride] = fr * c2 - fi * s2;
      yi[write + 2 * stride] = fr * s2 + fi * c2;
      const gr = br + dr;
      const gi = bi + di;
      yr[write + 3 * stride] = gr * c3 - gi * s3;
      yi[write + 3 * stride] = gr * s3 + gi * c3;
    }
  }
}

function stepOfTwo({ re: xr, im: xi }: ComplexVector, { re: yr, im: yi }: ComplexVector, stride: number): void {
  for (let index = 0; index < stride; index++) {
    yr[index] = xr[index]! + xr[index + stride]!;
    yi[index] = xi[index]! + xi[index + stride]!;
    yr[index + stride] = xr[index]! - xr[index + stride]!;
    yi[index + stride] = xi[index]! - xi[index + stride]!;
  }
}

function requirePowerOfTwo(name: string, length: number): void {
  if (!(Number.isInteger(length) && length >= 1 && Number.isInteger(Math.log2(length)))) {
    throw new RangeError(`fourier transform: ${name}: expected a power of two, got ${length}. Pad the image with zeros.`);
  }
}

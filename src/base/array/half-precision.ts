// Numbers of 16 bits (IEEE 754 binary16) and back.

/** The number that 16 bits stand for. */
export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of the nearest number of 16 bits, the even one of two; above 65504 it is infinite from 65520 on. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  // Below 2^-14 the step stays 2^-24: such numbers are subnormal.
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = roundedToEven(size / 2 ** (exponent - 10));
  // Rounding up to the next power of two carries into the exponent by itself, as the bits stand.
  return sign | (size === 0 ? 0 : (exponent + 14) * 1024 + steps);
}

function roundedToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest === 0.5) return below + (below % 2);
  return rest > 0.5 ? below + 1 : below;
}

// The error function in double precision, for the float64 evaluator.

/** Above this |x| the continued fraction converges, and 1 - erfc loses nothing. */
const SERIES_LIMIT = 2;
/** erfc(6) = 2.2e-17: erf is 1 in double precision from here on. */
const ONE_LIMIT = 6;
/** Levels of the continued fraction: at x = 2 they are enough for 1e-16. */
const NUM_LEVELS = 60;

/** erf(x), to a relative 1.2e-15: the series adds up a few roundings. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < SERIES_LIMIT) return erfBySeries(x);
  if (size >= ONE_LIMIT) return Math.sign(x);
  return Number.isNaN(x) ? x : Math.sign(x) * (1 - erfcByFraction(size));
}

/** erf x = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)): all terms have one sign (Abramowitz & Stegun 7.1.6). */
function erfBySeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** sqrt(pi) exp(x^2) erfc x = 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) for x > 0 (Abramowitz & Stegun 7.1.14). */
function erfcByFraction(x: number): number {
  let denominator = x;
  for (let level = NUM_LEVELS; level >= 1; level--) denominator = x + level / 2 / denominator;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * denominator);
}

// Scales: values to places in a figure, with ticks at numbers that people like to read.

/** Maps a value to a coordinate; `ticks` are the values to mark, with their words. */
export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
  at(value: number): number;
}

export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Where the ends of a scale lie in the figure: `atLow` may be larger than `atHigh` (rows run down). */
export interface Span {
  readonly atLow: number;
  readonly atHigh: number;
}

/**
 * A straight scale from the nice number at or below the least value to the one at or above the greatest; whole numbers have ticks
 * at whole numbers. Not-finite values are passed over.
 */
export function linearScale(values: readonly number[], { atLow, atHigh }: Span, numTicks = 5): Scale {
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const greatest = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const { low, high, step } = niceRange(least, greatest, { numTicks, areWhole: finite.every(Number.isInteger) });
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const count = Math.round((high - low) / step);
  // 2.5 needs one decimal more than its power of ten.
  const places = Number.isInteger(Number((step * 10 ** decimals).toPrecision(12))) ? decimals : decimals + 1;
  const ticks = Array.from({ length: count + 1 }, (_, index) => {
    const value = low + index * step;
    return { value, text: tickText(value, places) };
  });
  return { low, high, ticks, at: (value) => atLow + ((value - low) / (high - low)) * (atHigh - atLow) };
}

function niceRange(
  least: number,
  greatest: number,
  { numTicks, areWhole }: { readonly numTicks: number; readonly areWhole: boolean },
): { readonly low: number; readonly high: number; readonly step: number } {
  if (!(least <= greatest)) return { low: 0, high: 1, step: 0.5 };
  const spread = greatest - least || Math.abs(greatest) || 1;
  const step = areWhole ? wholeStep(spread / numTicks) : niceStep(spread / numTicks);
  const low = Math.floor(least / step + 1e-9) * step;
  const high = Math.ceil(greatest / step - 1e-9) * step;
  return { low, high: high > low ? high : low + step, step };
}

/** The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `size`. */
function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const times = [1, 2, 2.5, 5, 10].find((one) => one * power >= size * (1 - 1e-9)) ?? 10;
  return times * power;
}

/** The smallest such step that is a whole number. */
function wholeStep(size: number): number {
  const step = niceStep(Math.max(1, size));
  return Number.isInteger(step) ? step : niceStep(2 * step);
}

function tickText(value: number, places: number): string {
  const text = value.toFixed(places).replace(/^-(0(\.0+)?)$/, "$1");
  return text.replace("-", "−");
}

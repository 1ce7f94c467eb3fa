// Numbers as a report writes them: few digits, a true minus, intervals in brackets.

/** Three significant digits, without an exponent between 0.001 and a million; "–" where it is not finite. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace("-", "−").replace("e+", "e");
  const digits = size === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return value.toFixed(digits).replace("-", "−");
}

/** A probability of chance: two digits, and nothing below a thousandth. */
export function pText(p: number): string {
  if (!Number.isFinite(p)) return "–";
  if (p < 0.001) return "< 0.001";
  return p < 0.1 ? String(Number(p.toPrecision(2))) : p.toFixed(2);
}

/** Two decimals, for fractions such as R². */
export function fractionText(value: number): string {
  return Number.isFinite(value)
    ? value
        .toFixed(2)
        .replace(/^-0\.00$/, "0.00")
        .replace("-", "−")
    : "–";
}

/** "12.3 [10.1, 14.8]": an estimate with its interval. */
export function estimateText(value: number, [low, high]: readonly [number, number]): string {
  return `${numberText(value)} [${numberText(low)}, ${numberText(high)}]`;
}

/** "1 234 567" with narrow spaces. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** "2 min 05 s", "41 s", "0.8 s". */
export function durationText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

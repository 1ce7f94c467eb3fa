// Colours that people with any colour vision tell apart, on paper too (Okabe & Ito 2008), and a map from values to colours.

export const INK = "#1b1f24";
export const FAINT_INK = "#57606a";
export const GRID = "#e3e6ea";

/** For lines and marks, in the order to use them. */
export const SERIES = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#e69f00"] as const;

/** Circles drawn over grey pictures. */
export const MARK = "#e69f00";

/** Stops from black over violet and orange to pale yellow: even in lightness, so it also reads in grey. */
const HEAT_STOPS = [
  [0, 0, 4],
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
] as const;

/** Red, green and blue (0 to 255) of a value in [0, 1]; values outside are taken as the nearer end. */
export function heatColour(value: number): readonly [number, number, number] {
  const place = Math.min(Math.max(value, 0), 1) * (HEAT_STOPS.length - 1);
  const index = Math.min(Math.floor(place), HEAT_STOPS.length - 2);
  const low = HEAT_STOPS[index]!;
  const high = HEAT_STOPS[index + 1]!;
  const mix = (channel: 0 | 1 | 2) => Math.round(low[channel] + (place - index) * (high[channel] - low[channel]));
  return [mix(0), mix(1), mix(2)];
}

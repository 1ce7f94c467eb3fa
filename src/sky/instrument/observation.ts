// What an interferometer measures of one pointing: baselines turning with the Earth, over hours and channels.
import { type DishPosition, MEERKAT_DISHES, MEERKAT_LATITUDE_DEG } from "./meerkat-dishes.ts";

/** One pointing tracked over a range of hour angles. */
export interface Observation {
  readonly dishes: readonly DishPosition[];
  readonly latitudeDeg: number;
  readonly declinationDeg: number;
  /** Hours from the meridian, one for each integration. */
  readonly hourAngles: readonly number[];
  /** Hours between integrations. */
  readonly integrationHours: number;
  readonly frequenciesHz: readonly number[];
}

/** Baselines in metres as the source sees them: u to the east, v to the north; index integration * pairs.length + pair. */
export interface BaselineTracks {
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** The two dishes of each pair, by index. */
  readonly pairs: readonly (readonly [first: number, second: number])[];
}

/** How finely the uv plane is sampled. */
export interface UvSampling {
  readonly integrationHours: number;
  readonly numChannels: number;
}

/** Ten minutes and eight channels: a quick look, right to some 2' from a source; its sidelobes fall no further beyond. */
export const COARSE_SAMPLING: UvSampling = { integrationHours: 1 / 6, numChannels: 8 };

/** Five minutes and 16 channels: half of the coarse one's far sidelobes. */
export const MEDIUM_SAMPLING: UvSampling = { integrationHours: 1 / 12, numChannels: 16 };

/** Two and a half minutes and 32 channels: as good as continuous tracks to 5' from a source. */
export const FINE_SAMPLING: UvSampling = { integrationHours: 1 / 24, numChannels: 32 };

const TRACK_HOURS = 8;
const LOWEST_HZ = 880e6;
const HIGHEST_HZ = 1670e6;

/** MeerKAT's 64 dishes for eight hours about the meridian, over the L band from 880 to 1670 MHz. */
export function meerkatObservation(declinationDeg: number, sampling: UvSampling = COARSE_SAMPLING): Observation {
  const { integrationHours, numChannels } = sampling;
  return {
    dishes: MEERKAT_DISHES,
    latitudeDeg: MEERKAT_LATITUDE_DEG,
    declinationDeg,
    hourAngles: Array.from(
      { length: Math.round(TRACK_HOURS / integrationHours) },
      (_, step) => (step + 0.5) * integrationHours - TRACK_HOURS / 2,
    ),
    integrationHours,
    frequenciesHz: Array.from(
      { length: numChannels },
      (_, channel) => LOWEST_HZ + (channel * (HIGHEST_HZ - LOWEST_HZ)) / (numChannels - 1),
    ),
  };
}

/** All pairs of dishes, each once. */
export function pairsOf(numDishes: number): readonly (readonly [first: number, second: number])[] {
  return Array.from({ length: numDishes }, (_, first) =>
    Array.from({ length: numDishes - first - 1 }, (__, step) => [first, first + 1 + step] as const),
  ).flat();
}

/** The tracks of all baselines (Thompson, Moran & Swenson 2017, eq. 4.1). */
export function baselineTracks({ dishes, latitudeDeg, declinationDeg, hourAngles }: Observation): BaselineTracks {
  const pairs = pairsOf(dishes.length);
  const places = dishes.map((dish) => equatorialPlace(dish, latitudeDeg));
  const baselines = pairs.map(([first, second]) => places[second]!.map((value, axis) => value - places[first]![axis]!));
  const u = new Float64Array(hourAngles.length * pairs.length);
  const v = new Float64Array(hourAngles.length * pairs.length);
  const [sinDec, cosDec] = sineAndCosine(declinationDeg);
  for (const [step, hour] of hourAngles.entries()) {
    const [sinHour, cosHour] = sineAndCosine(15 * hour);
    for (const [pair, baseline] of baselines.entries()) {
      const [x, y, z] = baseline as [number, number, number]; // three axes in, three out
      const index = step * pairs.length + pair;
      u[index] = x * sinHour + y * cosHour;
      v[index] = -x * sinDec * cosHour + y * sinDec * sinHour + z * cosDec;
    }
  }
  return { u, v, pairs };
}

/** Axes fixed to the Earth: x to the equator on the meridian, y east, z to the pole. */
function equatorialPlace([east, north, up]: DishPosition, latitudeDeg: number): readonly number[] {
  const [sin, cos] = sineAndCosine(latitudeDeg);
  return [cos * up - sin * north, east, sin * up + cos * north];
}

function sineAndCosine(degrees: number): readonly [number, number] {
  const angle = (degrees * Math.PI) / 180;
  return [Math.sin(angle), Math.cos(angle)];
}

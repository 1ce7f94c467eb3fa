// Radio galaxies of the Fanaroff-Riley classes as sums of Gaussians: two arms and a core.
import type { Random } from "#base/array";
import { logNormal } from "./draws.ts";
import { roundGaussian, type SkyGaussian } from "./sky-object.ts";

/** WAT and NAT: wide- and narrow-angle tails. HYB: an FRI and an FRII arm. other: a core and one arm. */
export const RADIO_GALAXY_KINDS = ["FRI", "FRII", "WAT", "NAT", "HYB", "other"] as const;
export type RadioGalaxyKind = (typeof RADIO_GALAXY_KINDS)[number];

/** A galaxy's size and flux. */
export interface RadioGalaxyScale {
  readonly largestSizeArcsec: number;
  readonly fluxJy: number;
}

/** A galaxy's shape about its core. */
export interface RadioGalaxy {
  readonly components: readonly SkyGaussian[];
  readonly coreFraction: number;
}

type ArmKind = "plume" | "lobe";

interface KindRecipe {
  readonly arms: readonly ArmKind[];
  /** How far the arms bend; undefined: a normal draw of 8 degrees. */
  readonly bendDeg?: readonly [number, number];
  readonly core: { readonly median: number; readonly spread: number; readonly most: number };
  /** Size of the arms against the size asked for: lobes reach beyond their last Gaussian's centre. */
  readonly sizeFactor: number;
}

const PLUME_CORE = { median: 0.04, spread: 1, most: 0.6 };
const LOBE_CORE = { median: 0.035, spread: 1.1, most: 0.3 };

/**
 * The recipes. Their numbers, and those of the arms below, were chosen by hand so that sizes, separations of peaks and core fluxes
 * resemble 1,260 FIRST images of MiraBest (Miraghaei & Best 2017; Porter & Scaife 2023); FRI and WAT come out too centred.
 */
const RECIPES: Readonly<Record<RadioGalaxyKind, KindRecipe>> = {
  FRI: { arms: ["plume", "plume"], core: PLUME_CORE, sizeFactor: 1 },
  FRII: { arms: ["lobe", "lobe"], core: LOBE_CORE, sizeFactor: 0.92 },
  WAT: { arms: ["plume", "plume"], bendDeg: [20, 55], core: PLUME_CORE, sizeFactor: 1 },
  NAT: { arms: ["plume", "plume"], bendDeg: [60, 88], core: PLUME_CORE, sizeFactor: 1 },
  HYB: { arms: ["plume", "lobe"], core: LOBE_CORE, sizeFactor: 1 },
  other: { arms: ["plume"], core: { median: 0.25, spread: 0.8, most: 0.8 }, sizeFactor: 1 },
};

const NODES_PER_ARM = 14;
const STRAIGHT_BEND_DEG = 8;

/** Draws a galaxy of one kind. Its components' fluxes sum to `fluxJy`. */
export function sampleRadioGalaxy(
  kind: RadioGalaxyKind,
  { largestSizeArcsec, fluxJy }: RadioGalaxyScale,
  random: Random,
): RadioGalaxy {
  const recipe = RECIPES[kind];
  const size = largestSizeArcsec * recipe.sizeFactor;
  const { median, spread, most } = recipe.core;
  const coreFraction = Math.min(most, logNormal(median, spread, random));
  const bend = radians(recipe.bendDeg ? random.uniformBetween(...recipe.bendDeg) : Math.abs(random.normal()) * STRAIGHT_BEND_DEG);
  // Bent arms are longer than what they span.
  const length = recipe.bendDeg ? size / Math.max(0.35, Math.cos(0.75 * bend)) : size;
  const lengthRatio = recipe.arms.length === 1 ? 0 : Math.exp(0.18 * random.normal());
  const fluxRatio = recipe.arms.length === 1 ? 0 : Math.exp(0.45 * random.normal());
  const axis = random.uniformBetween(0, 2 * Math.PI);
  const armFlux = fluxJy * (1 - coreFraction);
  const arms = recipe.arms.flatMap((arm, index) => {
    const share = (index === 0 ? 1 : fluxRatio) / (1 + fluxRatio);
    const armLength = (length * (index === 0 ? 1 : lengthRatio)) / (1 + lengthRatio);
    // Opposite arms bend to the same side.
    const path = samplePath({ axis: axis + index * Math.PI, bend: index === 0 ? -bend : bend, length: armLength }, random);
    return armGaussians(ARMS[arm](size, random), path, armFlux * share);
  });
  return { components: [roundGaussian(0, 0, fluxJy * coreFraction, 0), ...arms], coreFraction };
}

/** A place along an arm: t from 0 at the core to 1 at the tip. */
interface PathNode {
  readonly t: number;
  readonly east: number;
  readonly north: number;
}

function samplePath(
  { axis, bend, length }: { readonly axis: number; readonly bend: number; readonly length: number },
  random: Random,
): readonly PathNode[] {
  const bendsUntil = random.uniformBetween(0.15, 0.6);
  const wiggle = 0.1 * random.normal();
  const phase = random.uniformBetween(0, 2 * Math.PI);
  const step = length / NODES_PER_ARM;
  const nodes: PathNode[] = [];
  let [east, north] = [0, 0];
  for (let index = 0; index < NODES_PER_ARM; index++) {
    const t = (index + 0.5) / NODES_PER_ARM;
    const direction = axis + bend * Math.min(1, t / bendsUntil) + wiggle * Math.sin(2 * Math.PI * t + phase);
    // The first node lies half a step from the core.
    const advance = index === 0 ? step / 2 : step;
    east += advance * Math.sin(direction);
    north += advance * Math.cos(direction);
    nodes.push({ t, east, north });
  }
  return nodes;
}

/** An arm's brightness and width along its path, and the part of its flux in a hot spot at the tip. */
interface ArmProfile {
  weightAt(t: number): number;
  widthAt(t: number): number;
  readonly hotSpot: { readonly share: number; readonly widthArcsec: number } | undefined;
}

const ARMS: Readonly<Record<ArmKind, (size: number, random: Random) => ArmProfile>> = {
  /** FRI: brightens to a flaring point, then fades as it widens. */
  plume: (size, random) => {
    const fading = random.uniformBetween(0.35, 1.1);
    const flare = random.uniformBetween(0.12, 0.6);
    const opening = Math.tan(radians(random.uniformBetween(7, 16)));
    return {
      weightAt: (t) =>
        Math.exp(-Math.max(0, t - flare) / fading) * (0.25 + 0.75 * Math.min(1, t / flare)) * Math.exp(0.75 * random.normal()),
      widthAt: (t) => 0.02 * size + 2 * opening * t * size,
      hotSpot: undefined,
    };
  },
  /** FRII: a lobe that brightens outwards, and a hot spot. */
  lobe: (size, random) => {
    const start = random.uniformBetween(0, 0.45);
    const rise = random.uniformBetween(0.3, 1.6);
    const width = size * random.uniformBetween(0.22, 0.42);
    const share = random.uniformBetween(0.08, 0.45);
    const widthArcsec = Math.max(0.5, size * random.uniformBetween(0.03, 0.12));
    return {
      weightAt: (t) => (t > start ? ((t - start) / (1 - start) + 0.15) ** rise * Math.exp(0.2 * random.normal()) : 0),
      widthAt: (t) => width * (0.75 + 0.5 * t),
      hotSpot: { share, widthArcsec },
    };
  },
};

function armGaussians(
  { weightAt, widthAt, hotSpot }: ArmProfile,
  path: readonly PathNode[],
  fluxJy: number,
): readonly SkyGaussian[] {
  const weights = path.map(({ t }) => weightAt(t));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const diffuse = fluxJy * (1 - (hotSpot?.share ?? 0));
  const nodes = path.flatMap(({ t, east, north }, index) =>
    weights[index] === 0 ? [] : [roundGaussian(east, north, (diffuse * weights[index]!) / total, widthAt(t))],
  );
  const tip = path.at(-1)!;
  return hotSpot ? [...nodes, roundGaussian(tip.east, tip.north, fluxJy * hotSpot.share, hotSpot.widthArcsec)] : nodes;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

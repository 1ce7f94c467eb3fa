// Diffuse sources of galaxy clusters as sums of Gaussians: halos, mini-halos, relics and phoenixes.
import type { Random } from "#base/array";
import { logNormal, logUniform } from "./draws.ts";
import { roundGaussian, type SkyGaussian } from "./sky-object.ts";

export const DIFFUSE_KINDS = ["relic", "halo", "minihalo", "phoenix"] as const;
export type DiffuseKind = (typeof DIFFUSE_KINDS)[number];

/** How often each kind is found among MGCLS's diffuse sources (Kolokythas et al., MGCLS II: 55, 33, 11 and 3 of 103). */
export const DIFFUSE_SHARES: Readonly<Record<DiffuseKind, number>> = { relic: 53, halo: 32, minihalo: 11, phoenix: 3 };

/** A diffuse source, placed from the cluster's centre. */
export interface DiffuseSource {
  readonly eastArcsec: number;
  readonly northArcsec: number;
  readonly fluxJy: number;
  readonly spectralIndex: number;
  readonly largestSizeArcsec: number;
  readonly components: readonly SkyGaussian[];
}

/** Draws a diffuse source of one kind. */
export function sampleDiffuseSource(kind: DiffuseKind, random: Random): DiffuseSource {
  switch (kind) {
    case "halo":
      return halo([30, 120], random);
    case "minihalo":
      return halo([8, 25], random);
    case "relic":
      return relic(random);
    case "phoenix":
      return phoenix(random);
  }
}

/** An exponential disc exp(-r / r_e) as four Gaussians, within 6 % of its centre's brightness: sigma / r_e and share of the flux. */
const EXPONENTIAL: readonly (readonly [sigma: number, share: number])[] = [
  [0.1889, 0.007],
  [0.5289, 0.0878],
  [1.1228, 0.4112],
  [2.1178, 0.4939],
];
const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);
const STEEP_INDEX = { mean: -1.2, spread: 0.2 };

/** Central brightness 0.1 to 2 uJy per square arcsecond (Murgia et al. 2009). */
function halo(radii: readonly [number, number], random: Random): DiffuseSource {
  const radius = logUniform(radii, random);
  const brightness = logUniform([1e-7, 2e-6], random);
  const fluxJy = 2 * Math.PI * radius ** 2 * brightness;
  const axisRatio = 1 - random.uniformBetween(0, 0.4);
  const positionAngleDeg = random.uniformBetween(0, 180);
  const shares = EXPONENTIAL.map(([, share]) => share * logNormal(1, 0.2, random));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const components = EXPONENTIAL.map(([sigma], index): SkyGaussian => {
    const width = FWHM_PER_SIGMA * sigma * radius;
    // Patches are off the centre by a part of the scale radius.
    const [eastArcsec, northArcsec] = [0.2 * radius * random.normal(), 0.2 * radius * random.normal()];
    const [majorArcsec, minorArcsec] = [width / Math.sqrt(axisRatio), width * Math.sqrt(axisRatio)];
    return { eastArcsec, northArcsec, fluxJy: (fluxJy * shares[index]!) / total, majorArcsec, minorArcsec, positionAngleDeg };
  });
  return { ...atCentre(random), fluxJy, largestSizeArcsec: 6 * radius, components };
}

const RELIC_NODES = 24;

/** An arc about the cluster, 3' to 12' out, with a sharp outer edge. */
function relic(random: Random): DiffuseSource {
  const length = logUniform([60, 400], random);
  const curvature = length * random.uniformBetween(1, 3);
  const width = random.uniformBetween(8, 30);
  const fluxJy = logUniform([2e-3, 0.1], random);
  const distance = random.uniformBetween(180, 720);
  const outwards = random.uniformBetween(0, 2 * Math.PI);
  const [outEast, outNorth] = [Math.sin(outwards), Math.cos(outwards)];
  const weights = Array.from({ length: RELIC_NODES }, () => logNormal(1, 0.3, random));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const components = weights.map((weight, index) => {
    const angle = (((index + 0.5) / RELIC_NODES - 0.5) * length) / curvature;
    const nodeWidth = width * random.uniformBetween(0.5, 1);
    // Wide nodes lie further in, so that the outer edges line up.
    const radial = curvature * (Math.cos(angle) - 1) - nodeWidth / 2;
    const along = curvature * Math.sin(angle);
    return roundGaussian(
      outEast * radial + outNorth * along,
      outNorth * radial - outEast * along,
      (fluxJy * weight) / total,
      nodeWidth,
    );
  });
  return {
    eastArcsec: distance * outEast,
    northArcsec: distance * outNorth,
    fluxJy,
    spectralIndex: steepIndex(random),
    largestSizeArcsec: length,
    components,
  };
}

/** Five to eight irregular patches within 40 to 90 arcsec. */
function phoenix(random: Random): DiffuseSource {
  const extent = random.uniformBetween(40, 90);
  const fluxJy = logUniform([1e-3, 2e-2], random);
  const weights = Array.from({ length: 5 + random.integer(4) }, () => logNormal(1, 0.6, random));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const components = weights.map((weight): SkyGaussian => {
    const majorArcsec = extent * random.uniformBetween(0.2, 0.5);
    return {
      eastArcsec: extent * random.uniformBetween(-0.35, 0.35),
      northArcsec: extent * random.uniformBetween(-0.35, 0.35),
      fluxJy: (fluxJy * weight) / total,
      majorArcsec,
      minorArcsec: majorArcsec * random.uniformBetween(0.3, 0.9),
      positionAngleDeg: random.uniformBetween(0, 180),
    };
  });
  return { ...atCentre(random), fluxJy, largestSizeArcsec: extent, components };
}

/** Within 20 arcsec of the cluster's centre, and steep. */
function atCentre(random: Random) {
  return { eastArcsec: 10 * random.normal(), northArcsec: 10 * random.normal(), spectralIndex: steepIndex(random) };
}

function steepIndex(random: Random): number {
  return STEEP_INDEX.mean + STEEP_INDEX.spread * random.normal();
}

// t-SNE by gradient descent (van der Maaten 2014), with the steps of scikit-learn and openTSNE.
import type { Affinities } from "./affinities.ts";
import { attractInPlace, divergence, repelInPlace } from "./forces.ts";

export interface TsneOptions {
  readonly numIterations: number;
  /** Told, and awaited, after every step. */
  readonly afterStep?: (numDone: number) => Promise<void> | void;
}

export interface TsneResult {
  /** [N, 2] */
  readonly coordinates: Float64Array;
  /** KL divergence of the plane from the rows, in nats. */
  readonly divergence: number;
}

/** Attraction is exaggerated for the first steps, with less momentum, for clusters to find their places. */
const EARLY = { maxSteps: 250, share: 1 / 4, exaggeration: 12, momentum: 0.5 };
const LATE_MOMENTUM = 0.8;
/** Each coordinate's own step grows while its slope keeps its sign, and shrinks where it turns (Jacobs 1988). */
const GAIN = { growth: 0.2, shrinkage: 0.8, least: 0.01 };
const LEAST_LEARNING_RATE = 50;

/** Lays N rows out by their affinities, from the points `start` [N, 2]. */
export async function fitTsne(affinities: Affinities, start: Float64Array, options: TsneOptions): Promise<TsneResult> {
  const points = start.slice();
  // Belkina et al. 2019: a step that grows with the number of points, or many points stand still.
  const learningRate = Math.max(LEAST_LEARNING_RATE, points.length / 2 / EARLY.exaggeration / 4);
  const forces = new Float64Array(points.length);
  const pull = new Float64Array(points.length);
  const speeds = new Float64Array(points.length);
  const gains = new Float64Array(points.length).fill(1);
  const numEarly = Math.min(EARLY.maxSteps, Math.floor(EARLY.share * options.numIterations));
  for (let step = 0; step < options.numIterations; step++) {
    const exaggeration = exaggerationAt(step, numEarly);
    const momentum = step < numEarly ? EARLY.momentum : LATE_MOMENTUM;
    const Z = repelInPlace(forces, points);
    pull.fill(0);
    attractInPlace(pull, points, affinities);
    // The gradient of the divergence is four times the forces against it.
    for (let index = 0; index < forces.length; index++) forces[index] = 4 * (exaggeration * pull[index]! + forces[index]! / Z);
    moveInPlace(points, { forces, speeds, gains }, { learningRate, momentum });
    await options.afterStep?.(step + 1);
  }
  return { coordinates: points, divergence: divergence(points, affinities, repelInPlace(forces, points)) };
}

/** Full for the early steps, then down to 1 over as many again: let go of at once, points settle in worse places. */
function exaggerationAt(step: number, numEarly: number): number {
  const shareLeft = Math.min(1, Math.max(0, 2 - step / Math.max(1, numEarly)));
  return EARLY.exaggeration ** shareLeft;
}

function moveInPlace(
  points: Float64Array,
  { forces, speeds, gains }: Readonly<Record<"forces" | "speeds" | "gains", Float64Array>>,
  { learningRate, momentum }: { readonly learningRate: number; readonly momentum: number },
): void {
  for (let index = 0; index < points.length; index++) {
    const keepsOn = speeds[index]! * forces[index]! > 0;
    gains[index] = Math.max(GAIN.least, keepsOn ? gains[index]! + GAIN.growth : gains[index]! * GAIN.shrinkage);
    speeds[index] = momentum * speeds[index]! + learningRate * gains[index]! * forces[index]!;
    points[index]! += speeds[index]!;
  }
}

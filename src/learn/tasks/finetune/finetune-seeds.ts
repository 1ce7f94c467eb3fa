// What a fine-tuned backbone reaches over seeds of its pre-training, each with all seeds of its training.
import type { ClassProblem } from "../class-problem.ts";
import type { ClassRecord } from "../class-record.ts";
import type { FinetuneScore } from "../network-records.ts";
import { type RowLosses, type SeedFamily, type SeedSpread, seedSpreads } from "../seed-families.ts";

export interface FinetunedSeeds {
  /** Of the first backbone, by number of trained groups, rising. */
  readonly points: readonly FinetuneScore[];
  /** The same of every replica. */
  readonly replicas: readonly FinetuneScore[];
  readonly scratch: FinetuneScore | null;
  readonly frozen: ClassRecord;
}

/**
 * The family of the largest number of groups first, which the others are compared with: those of fewer groups, the network from scratch,
 * whose first values are of its training's seeds, and the frozen backbones under the exact probe.
 */
export function finetuneSeeds(
  { points, replicas, scratch, frozen }: FinetunedSeeds,
  { classOf, testRows, clusters, options }: ClassProblem,
): SeedSpread[] {
  const lossesOf = (predicted: ArrayLike<number | null>): RowLosses =>
    testRows.map((row, place) => Float64Array.of(1, predicted[place] === classOf[row] ? 0 : 1));
  const losses = new Map<string, readonly RowLosses[]>();
  const families: SeedFamily[] = [];
  const add = (name: string, members: readonly (readonly [name: string, predictions: readonly ArrayLike<number | null>[]])[]) => {
    for (const [member, predictions] of members) losses.set(member, predictions.map(lossesOf));
    families.push({ name, backbones: members.map(([member]) => member) });
  };
  const first = points[0]!.backbone;
  for (const { numLayers } of points.toReversed()) {
    const same = [...points, ...replicas].filter((score) => score.numLayers === numLayers);
    add(
      `${first} and replicas, ${numLayers} layers`,
      same.map(({ backbone, predictions }) => [`${backbone}, ${numLayers} layers`, predictions]),
    );
  }
  if (scratch) add(scratch.backbone, [[scratch.backbone, scratch.predictions]]);
  const names = new Set([first, ...replicas.map(({ backbone }) => backbone)]);
  const still = [frozen, ...frozen.floors].filter(({ backbone }) => names.has(backbone));
  add(
    `${first} and replicas, frozen`,
    still.map(({ backbone, predictions }) => [`${backbone}, frozen`, predictions]),
  );
  return seedSpreads(families, losses, { clusters, seed: options.splitSeed });
}

// Seeds of pre-training: one backbone trained, or drawn, several times over, and how far its score depends on that.
import { bootstrapP, centralInterval, type Interval } from "./bootstrap.ts";
import { nestedSums } from "./crossed-bootstrap.ts";

/** Tables of one backbone that differ in nothing but the seed of pre-training. */
export interface SeedFamily {
  readonly name: string;
  /** Names of the tables. */
  readonly backbones: readonly string[];
}

/**
 * What a family reaches. Rows and seeds of pre-training are drawn together, and of each seed drawn the seeds of its training where it
 * was trained several times: the interval holds for yet another seed of either kind too.
 */
export interface SeedSpread extends SeedFamily {
  /** The headline, a mean over the seeds. */
  readonly value: number;
  readonly interval: Interval;
  /** By seed of pre-training. */
  readonly perSeed: readonly number[];
  /** Sample standard deviation of `perSeed`; 0 for one seed. */
  readonly deviation: number;
  /** The record's backbone, or all of its own family, less this one; null for that family itself. */
  readonly difference: { readonly value: number; readonly interval: Interval; readonly p: number } | null;
}

/** Of each test row: how often it was predicted, and the sum of its errors. [test rows][2] */
export type RowLosses = readonly Float64Array[];

/** Of each table, by its name: its losses by seed of training; once where nothing but a probe is trained on it. */
export type SeedLosses = ReadonlyMap<string, readonly RowLosses[]>;

/** What the bootstrap draws: places of test rows together, and its seed. */
export interface DrawnRows {
  readonly clusters: readonly (readonly number[])[];
  readonly seed: number;
}

/** Spreads of the families whose tables are all among `losses`, by table name, whose first is the record's own. */
export function seedSpreads(families: readonly SeedFamily[], losses: SeedLosses, drawnRows: DrawnRows): SeedSpread[] {
  const main = losses.keys().next().value!; // the record's own table
  const own = families.find(({ backbones }) => backbones.includes(main)) ?? { name: main, backbones: [main] };
  const ownDraws = drawnMeans(own, losses, drawnRows);
  const ownValue = meanOf(perSeedOf(own, losses));
  return families
    .filter(({ backbones }) => backbones.length > 0 && backbones.every((name) => losses.has(name)))
    .map((family) => {
      const perSeed = perSeedOf(family, losses);
      const draws = family === own ? ownDraws : drawnMeans(family, losses, drawnRows);
      const differences = ownDraws.map((value, draw) => value - draws[draw]!);
      return {
        ...family,
        value: meanOf(perSeed),
        interval: centralInterval(draws),
        perSeed,
        deviation: sampleDeviation(perSeed),
        difference:
          family === own
            ? null
            : {
                value: ownValue - meanOf(perSeed),
                interval: centralInterval(differences),
                p: bootstrapP(differences),
              },
      };
    });
}

function perSeedOf({ backbones }: SeedFamily, losses: SeedLosses): number[] {
  return backbones.map((name) => {
    const [count, sum] = summed(losses.get(name)!.flat(), 2);
    return sum! / count!;
  });
}

function drawnMeans({ backbones }: SeedFamily, losses: SeedLosses, { clusters, seed }: DrawnRows): number[] {
  const members = backbones.map((name) => losses.get(name)!);
  const clustered = clusters.map((places) => {
    const sums = members.flat().map((rows) =>
      summed(
        places.map((place) => rows[place]!),
        2,
      ),
    );
    return Float64Array.from(sums.flatMap((pair) => [...pair]));
  });
  const repeatsOf = members.map((repeats) => repeats.length);
  return nestedSums(clustered, repeatsOf, seed).map(([count, sum]) => sum! / count!);
}

function summed(vectors: readonly Float64Array[], length: number): Float64Array {
  const sums = new Float64Array(length);
  for (const vector of vectors) for (let index = 0; index < length; index++) sums[index]! += vector[index]!;
  return sums;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sampleDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

// Draws that several parts of the simulator share.
import type { Random } from "#base/array";

/** Uniform in the logarithm. */
export function logUniform([low, high]: readonly [number, number], random: Random): number {
  return low * (high / low) ** random.uniform();
}

/** A Poisson number: how many exponential waiting times fit into `mean`. */
export function poisson(mean: number, random: Random): number {
  let count = -1;
  for (let time = 0; time <= mean; count++) time -= Math.log(1 - random.uniform());
  return count;
}

/** A lognormal number of this median and spread of the natural logarithm. */
export function logNormal(median: number, spread: number, random: Random): number {
  return median * Math.exp(spread * random.normal());
}

/** One of the table's keys, in proportion to its shares (which need not sum to 1). */
export function chosen<Key extends string>(shares: Readonly<Record<Key, number>>, random: Random): Key {
  const entries = Object.entries<number>(shares) as unknown as readonly (readonly [Key, number])[]; // the table's own keys
  let left = random.uniform() * entries.reduce((sum, [, share]) => sum + share, 0);
  for (const [key, share] of entries) {
    left -= share;
    if (left < 0) return key;
  }
  return entries.findLast(([, share]) => share > 0)![0];
}

// Intervals of statistics that duplicated rows would bias: the jackknife over groups of rows (Efron & Tibshirani 1993, section 11.5).
import type { Interval } from "./bootstrap.ts";

const NUM_GROUPS = 20;
/** 97.5 % quantile of Student's t with NUM_GROUPS - 1 degrees of freedom, and of the normal distribution for none. */
const T = 2.093;

/** Clusters dealt to at most twenty groups, which are left out in turn: places of rows. */
export function jackknifeGroups(clusters: readonly (readonly number[])[]): number[][] {
  const numGroups = Math.min(NUM_GROUPS, clusters.length);
  const groups: number[][] = Array.from({ length: numGroups }, () => []);
  for (const [index, cluster] of clusters.entries()) for (const row of cluster) groups[index % numGroups]!.push(row);
  return groups;
}

/** `value` with 95 % by what it becomes without each group. */
export function jackknifeInterval(value: number, without: readonly number[]): Interval {
  const g = without.length;
  const mean = without.reduce((sum, one) => sum + one, 0) / g;
  const variance = ((g - 1) / g) * without.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const half = T * Math.sqrt(variance);
  return [value - half, value + half];
}

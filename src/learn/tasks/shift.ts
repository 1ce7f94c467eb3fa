// Survey shift: how far apart a backbone puts two crop sets, beside what it would be without a shift.

import { randomFor } from "#base/array";
import { applyPca, type EmbeddingTable, fitPca, type Matrix, matrixOf, standardisedRows } from "#learn/embeddings";
import { centralInterval } from "./bootstrap.ts";
import type { IntervalUnit } from "./evaluation-record.ts";
import { checkTables, clustersOf } from "./evaluation-rows.ts";
import type { ShiftEstimate, ShiftRecord, ShiftScore } from "./exploring-records.ts";
import { jackknifeGroups, jackknifeInterval } from "./grouped-jackknife.ts";
import { frechetDistance, gaussianKernel, meanDiscrepancy } from "./set-distances.ts";
import { setFacts } from "./set-facts.ts";

/** One backbone's tables of both sets. */
export type TablePair = readonly [EmbeddingTable, EmbeddingTable];

export interface ShiftOptions {
  readonly tables: TablePair;
  readonly floors: readonly TablePair[];
  /** Principal components at most; a tenth of the smaller set where that is less. */
  readonly maxComponents: number;
  /** Crops of each set at most: of more, as many are drawn. */
  readonly maxCrops: number;
  readonly numPermutations: number;
  /** Of the draw and of the permutations. */
  readonly seed: number;
}

/** Fewer crops have no covariance worth the name. */
const MIN_CROPS = 20;

/** Rows of the two sets, the first set's first, and what is moved between them together. */
interface Rows {
  readonly kept: readonly [readonly number[], readonly number[]];
  readonly clusters: readonly (readonly number[])[];
  readonly intervalUnit: IntervalUnit;
  readonly notes: readonly string[];
}

/** Measures the shift for every pair of tables. Throws RangeError for sets too small, or tables of different backbones. */
export function evaluateShift(options: ShiftOptions): ShiftRecord {
  const { tables, floors, maxComponents, numPermutations, seed } = options;
  const [first, second] = tables;
  for (const side of [0, 1] as const) checkTables([tables[side], ...floors.map((pair) => pair[side])]);
  const rows = rowsOf(options);
  const scores = [tables, ...floors].map((pair) => scoreOf(pair, rows, options));
  return {
    task: "shift",
    ...scores[0]!,
    ...setFacts(first),
    otherCropSetName: second.cropSetName,
    otherDataHash: second.cropSetSha256,
    intervalUnit: rows.intervalUnit,
    seeds: { split: seed, bootstrap: seed, probe: [] },
    exclusions: [first, second].flatMap(({ records, cropSetName }, side) => {
      const count = records.length - rows.kept[side]!.length;
      return count > 0 ? [{ reason: `crops of ${cropSetName} that were not drawn`, count }] : [];
    }),
    notes: rows.notes,
    protocolText: `Columns standardised over both sets, ${maxComponents} principal components or a tenth of the smaller set, total variance 1. Frechet distance; squared mean discrepancy without bias, Gaussian kernel of the median distance. Without a shift: ${numPermutations} permutations of ${rows.intervalUnit}s. Intervals: jackknife over groups of ${rows.intervalUnit}s.`,
    n: rows.kept[0].length,
    otherN: rows.kept[1].length,
    floors: scores.slice(1),
  };
}

function rowsOf({ tables, maxCrops, seed }: ShiftOptions): Rows {
  const kept = tables.map(({ records, cropSetName }, side) => {
    if (records.length < MIN_CROPS)
      throw new RangeError(`evaluate shift: expected at least ${MIN_CROPS} crops of ${cropSetName}, got ${records.length}.`);
    const all = Array.from(records.keys());
    if (all.length <= maxCrops) return all;
    return shuffled(all, randomFor(seed, "shift crops", side))
      .slice(0, maxCrops)
      .toSorted((a, b) => a - b);
  }) as [number[], number[]]; // one of each side
  const fields = tables.map(({ records }, side) => kept[side]!.map((row) => records[row]!.field));
  const drawn = fields.map((names) => clustersOf(names));
  // Whole fields are moved only where both sets have enough of them.
  const isByField = drawn.every(({ intervalUnit }) => intervalUnit === "field");
  const offset = kept[0].length;
  const clusters = isByField
    ? drawn.flatMap(({ clusters: some }, side) => some.map((places) => places.map((place) => place + side * offset)))
    : Array.from({ length: offset + kept[1].length }, (_, place) => [place]);
  return {
    kept,
    clusters,
    intervalUnit: isByField ? "field" : "crop",
    notes: isByField ? [] : [...new Set(drawn.flatMap(({ notes }) => notes))],
  };
}

function scoreOf(pair: TablePair, rows: Rows, options: ShiftOptions): ShiftScore {
  const { backbone, dim } = pair[0];
  const [a, b] = pair;
  if (a.dim !== b.dim || a.backbone !== b.backbone)
    throw new RangeError(
      `evaluate shift: expected both sets through one backbone, got ${a.backbone} (${a.dim} numbers) and ${b.backbone} (${b.dim}).`,
    );
  const [n, m] = [rows.kept[0].length, rows.kept[1].length];
  const along = jointComponents(pair, rows.kept, Math.min(options.maxComponents, Math.max(2, Math.floor(Math.min(n, m) / 10))));
  const kernel = gaussianKernel(along);
  const frechet = estimated((first, second) => frechetDistance(along, first, second), rows, options);
  const discrepancy = estimated((first, second) => meanDiscrepancy(kernel, first, second), rows, options);
  return {
    backbone,
    embeddingDim: dim,
    metric: "frechetDistance",
    value: frechet.value,
    interval: frechet.interval,
    frechetDistance: frechet,
    meanDiscrepancy: discrepancy,
    numComponents: along.numColumns,
  };
}

/** Both sets' rows, one under the other, along their common components, with a total variance of 1. */
function jointComponents(pair: TablePair, kept: Rows["kept"], numComponents: number): Matrix {
  const { dim } = pair[0];
  const joint = new Float32Array((kept[0].length + kept[1].length) * dim);
  let end = 0;
  for (const [side, { embeddings }] of pair.entries()) {
    for (const row of kept[side]!) {
      joint.set(embeddings.subarray(row * dim, (row + 1) * dim), end);
      end += dim;
    }
  }
  const scaled = matrixOf(joint.length / dim, dim, Float64Array.from(standardisedRows(joint, dim)));
  const pca = fitPca(scaled, numComponents);
  const { data, ...shape } = applyPca(pca, scaled);
  const scale = pca.totalVariance > 0 ? 1 / Math.sqrt(pca.totalVariance) : 0;
  return { ...shape, data: data.map((value) => value * scale) };
}

type Distance = (first: readonly number[], second: readonly number[]) => number;

function estimated(distance: Distance, { kept, clusters }: Rows, { numPermutations, seed }: ShiftOptions): ShiftEstimate {
  const n = kept[0].length;
  const places = Array.from({ length: n + kept[1].length }, (_, place) => place);
  const of = (some: readonly number[]) =>
    distance(
      some.filter((place) => place < n),
      some.filter((place) => place >= n),
    );
  const value = of(places);
  const without = jackknifeGroups(shuffled(clusters, randomFor(seed, "jackknife groups"))).map((group) => {
    const gone = new Set(group);
    return of(places.filter((place) => !gone.has(place)));
  });
  const permuted = Array.from({ length: numPermutations }, (_, draw) => {
    const order = shuffled(clusters, randomFor(seed, "permutation", draw)).flat();
    return distance(order.slice(0, n), order.slice(n));
  });
  const numReaching = permuted.filter((one) => one >= value).length;
  return {
    value,
    interval: jackknifeInterval(value, without),
    withoutShift: {
      mean: permuted.reduce((sum, one) => sum + one, 0) / permuted.length,
      interval: centralInterval(permuted),
      p: (numReaching + 1) / (numPermutations + 1),
    },
  };
}

/** A copy in random order (Fisher & Yates). */
function shuffled<T>(items: readonly T[], random: ReturnType<typeof randomFor>): T[] {
  const out = [...items];
  for (let last = out.length - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [out[last], out[other]] = [out[other]!, out[last]!];
  }
  return out;
}

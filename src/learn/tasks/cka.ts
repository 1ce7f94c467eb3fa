// Linear centred kernel alignment: how alike two backbones see the same crops (Kornblith et al. 2019).

import { randomFor } from "#base/array";
import { columnMeans, type EmbeddingTable, gramOfRows, type Matrix, selectRows, subtractRow } from "#learn/embeddings";
import { centralInterval } from "./bootstrap.ts";
import { checkTables, clustersOf } from "./evaluation-rows.ts";
import type { CkaRecord } from "./exploring-records.ts";
import { jackknifeGroups, jackknifeInterval } from "./grouped-jackknife.ts";
import { setFacts } from "./set-facts.ts";

export interface CkaOptions {
  readonly table: EmbeddingTable;
  readonly other: EmbeddingTable;
  /** Of more crops as many are drawn: memory and time go with their square. */
  readonly maxCrops: number;
  readonly seed: number;
}

const NUM_SHUFFLES = 100;
/** Fewer rows than this have no unbiased estimate (Song et al. 2012). */
const MIN_CROPS = 4;

/** Compares two tables over the same crops. Throws RangeError for other crops, too few, or rows that are all equal. */
export function evaluateCka({ table, other, maxCrops, seed }: CkaOptions): CkaRecord {
  checkTables([table, other]);
  const { records } = table;
  if (records.length < MIN_CROPS)
    throw new RangeError(`evaluate cka: expected at least ${MIN_CROPS} crops, got ${records.length}.`);
  for (const one of [table, other]) checkVaries(one);
  const rows = drawnRows(records.length, maxCrops, seed);
  const [a, b] = [table, other].map(({ embeddings, dim }) => centredGram(selectRows(embeddings, dim, rows))) as [Matrix, Matrix];
  const { clusters, intervalUnit, notes } = clustersOf(rows.map((row) => records[row]!.field));
  const places = Array.from(rows.keys());
  const value = linearCka(a, b, places, places);
  const without = jackknifeGroups(clusters).map((group) => {
    const gone = new Set(group);
    const kept = places.filter((place) => !gone.has(place));
    return linearCka(a, b, kept, kept);
  });
  const shuffles = Array.from({ length: NUM_SHUFFLES }, (_, draw) =>
    linearCka(a, b, places, shuffledPlaces(rows.length, seed, draw)),
  );
  return {
    task: "cka",
    backbone: table.backbone,
    embeddingDim: table.dim,
    metric: "linearCka",
    value,
    interval: jackknifeInterval(value, without),
    ...setFacts(table),
    intervalUnit,
    seeds: { split: seed, bootstrap: seed, probe: [] },
    exclusions:
      rows.length < records.length ? [{ reason: "crops that were not drawn", count: records.length - rows.length }] : [],
    notes,
    protocolText: `Linear CKA of embeddings as they are, centred; interval by jackknife over groups of ${intervalUnit}s; floor: crops of one paired with shuffled crops of the other.`,
    otherBackbone: other.backbone,
    otherEmbeddingDim: other.dim,
    n: rows.length,
    debiased: debiasedCka(a, b),
    floors: [
      {
        name: "shuffled",
        value: shuffles.reduce((sum, one) => sum + one, 0) / NUM_SHUFFLES,
        interval: centralInterval(shuffles),
      },
    ],
  };
}

/** Equal rows are neither alike nor unlike any others. */
function checkVaries({ backbone, dim, embeddings }: EmbeddingTable): void {
  if (embeddings.some((value, index) => value !== embeddings[index % dim])) return;
  throw new RangeError(`evaluate cka: embeddings of "${backbone}": expected rows that differ, got all of them equal.`);
}

function drawnRows(numRows: number, most: number, seed: number): number[] {
  if (numRows <= most) return Array.from({ length: numRows }, (_, row) => row);
  return Array.from(shuffledPlaces(numRows, seed, -1).slice(0, most)).sort((a, b) => a - b);
}

function shuffledPlaces(count: number, seed: number, draw: number): number[] {
  const random = randomFor(seed, "cka shuffle", draw + 1);
  const out = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = random.integer(last + 1);
    [out[last], out[other]] = [out[other]!, out[last]!];
  }
  return out;
}

/** Inner products of rows less their mean. */
function centredGram(rows: Matrix): Matrix {
  return gramOfRows(subtractRow(rows, columnMeans(rows)));
}

/** tr(K L) / sqrt(tr(K K) tr(L L)) of the Gram matrices of some rows of each, centred anew; 0 where one does not vary. */
function linearCka(first: Matrix, second: Matrix, rows: readonly number[], otherRows: readonly number[]): number {
  const [K, L] = [centredBlock(first, rows), centredBlock(second, otherRows)];
  const [kl, kk, ll] = [inner(K, L), inner(K, K), inner(L, L)];
  return kk > 0 && ll > 0 ? kl / Math.sqrt(kk * ll) : 0;
}

function inner(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** H K H of the rows and columns asked for. */
function centredBlock({ numRows, data }: Matrix, rows: readonly number[]): Float64Array {
  const n = rows.length;
  const out = new Float64Array(n * n);
  const means = new Float64Array(n);
  for (let i = 0, place = 0; i < n; i++) {
    const start = rows[i]! * numRows;
    for (let j = 0; j < n; j++, place++) {
      out[place] = data[start + rows[j]!]!;
      means[i]! += out[place]! / n;
    }
  }
  const overall = means.reduce((sum, mean) => sum + mean, 0) / n;
  for (let i = 0, place = 0; i < n; i++) for (let j = 0; j < n; j++, place++) out[place]! += overall - means[i]! - means[j]!;
  return out;
}

/** The same by the unbiased estimate of HSIC (Song et al. 2012, equation 5), as Nguyen et al. 2021 use it. */
function debiasedCka(first: Matrix, second: Matrix): number {
  const [kl, kk, ll] = [unbiasedHsic(first, second), unbiasedHsic(first, first), unbiasedHsic(second, second)];
  return kk > 0 && ll > 0 ? kl / Math.sqrt(kk * ll) : 0;
}

function unbiasedHsic({ numRows: n, data: K }: Matrix, { data: L }: Matrix): number {
  const [sumsK, sumsL] = [new Float64Array(n), new Float64Array(n)];
  let products = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const [k, l] = [K[i * n + j]!, L[i * n + j]!];
      products += k * l;
      sumsK[i]! += k;
      sumsL[i]! += l;
    }
  }
  const [totalK, totalL] = [sumsK, sumsL].map((sums) => sums.reduce((sum, one) => sum + one, 0)) as [number, number];
  return (products + (totalK * totalL) / ((n - 1) * (n - 2)) - (2 / (n - 2)) * inner(sumsK, sumsL)) / (n * (n - 3));
}

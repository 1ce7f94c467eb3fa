// Tables of labelled cutouts for tests of classifications: what a good and a useless backbone know of them.
import { randomFor } from "#base/array";
import type { EmbeddingTable } from "#learn/embeddings";
import type { ClassOptions } from "#learn/tasks";
import type { CropRecord } from "#sky/survey";
import { cropRecord, tableOf } from "../crop-sets.ts";

/** `perClass` cutouts of each label in turn, each its own field, without a place on the sky; every fourth is a test crop. */
export function labelled(labels: readonly string[], perClass: number): CropRecord[] {
  return Array.from({ length: labels.length * perClass }, (_, row) =>
    cropRecord({
      id: `c${row}`,
      field: `c${row}`,
      label: labels[row % labels.length]!,
      split: Math.floor(row / labels.length) % 4 === 0 ? "test" : "train",
    }),
  );
}

/** Embeddings of 12 numbers that hold the label along one axis each, with this much noise in every number. */
export function knowing(name: string, records: readonly CropRecord[], noise: number): EmbeddingTable {
  const random = randomFor(81, name);
  const labels = [...new Set(records.flatMap(({ label }) => label ?? []))].toSorted();
  const vectors = records.map(({ label }) =>
    Array.from({ length: 12 }, (_, k) => (k === labels.indexOf(label ?? "") ? 1 : 0) + noise * random.normal()),
  );
  return tableOf(name, records, vectors);
}

/** One number a crop, the same for all. */
export function constant(records: readonly CropRecord[]): EmbeddingTable {
  return tableOf(
    "majority",
    records,
    records.map(() => [1]),
  );
}

/** Options of a plain evaluation by the makers' split. */
export function classOptions(table: EmbeddingTable, more: Partial<ClassOptions> = {}): ClassOptions {
  return {
    table,
    floors: [],
    classes: null,
    positiveClass: null,
    protocol: "paper",
    pca: "auto",
    split: "own",
    numRepeats: 1,
    numFolds: 5,
    splitSeed: 0,
    probeSeeds: [0],
    seenTestRows: "refuse",
    sharedRows: "refuse",
    ...more,
  };
}

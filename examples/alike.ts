// The crops most like one: `node dist/examples/alike.js EMBEDDINGS.parquet CROP [HOW-MANY]`, with a file that `suricate embed` wrote.

import type { EmbeddingTable } from "#learn/embeddings";
import { readEmbeddings } from "#learn/embeddings/disk";

const [file, id, howMany = "5"] = process.argv.slice(2);
if (file === undefined || id === undefined) {
  console.error("usage: alike.js EMBEDDINGS.parquet CROP [HOW-MANY]");
  process.exit(2);
}

const table = await readEmbeddings(file);
const crop = table.records.findIndex((record) => record.id === id);
if (crop < 0) {
  console.error(`${file}: there is no crop "${id}". Its first is "${table.records[0]?.id}".`);
  process.exit(1);
}
const ranked = table.records
  .map((record, row) => ({ id: record.id, cosine: cosine(vectorOf(table, crop), vectorOf(table, row)) }))
  .filter((_, row) => row !== crop)
  .toSorted((a, b) => b.cosine - a.cosine);
for (const { id: other, cosine: value } of ranked.slice(0, Number(howMany))) console.log(`${value.toFixed(4)}  ${other}`);

function vectorOf({ embeddings, dim }: EmbeddingTable, row: number): Float32Array {
  return embeddings.subarray(row * dim, (row + 1) * dim);
}

/** Cosine of the angle between two vectors. */
function cosine(a: Float32Array, b: Float32Array): number {
  let [product, squaresA, squaresB] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    product += value * b[index]!;
    squaresA += value * value;
    squaresB += b[index]! * b[index]!;
  }
  return product / Math.sqrt(squaresA * squaresB);
}

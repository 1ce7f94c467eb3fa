// Embedding tables as Parquet files.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { writeParquet } from "#base/files/disk";
import { embeddingColumns, embeddingMetadata } from "#learn/embeddings";
import { readEmbeddings, writeEmbeddings } from "#learn/embeddings/disk";
import { cropRecord, tableOf } from "../crop-sets.ts";

const records = [
  cropRecord({ id: "a", y0: 3, x0: 4, raDeg: 359.5, decDeg: -30.25, cornersRaDeg: [1, 2, 3, 4], sourceCount: 7, split: "test" }),
  cropRecord({ id: "b", field: "Abell 209", islandCount: 2, label: "FRI" }),
];
const table = tableOf(
  "runs/é@25",
  records,
  [
    [1, -0.5, 1e-30],
    [0, 3.25, 2],
  ],
  { seenIds: ["a"], collection: "MiraBest" },
);

function newFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-table-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "table.parquet");
}

test("a table read back from its file is the table", async (t) => {
  const file = newFile(t);
  writeEmbeddings(file, table);
  assert.deepEqual(await readEmbeddings(file), table);
});

test("a Parquet file of something else is no table of embeddings", async (t) => {
  const file = newFile(t);
  writeParquet(file, embeddingColumns(table), { made: "elsewhere" });
  await assert.rejects(readEmbeddings(file), {
    message: `${file}: not a table that embed wrote: expected format "suricate-embeddings-1", got "none".`,
  });
});

test("vectors of several lengths are refused with their row", async (t) => {
  const file = newFile(t);
  const columns = embeddingColumns(table).map((column) =>
    column.name === "embedding" ? { ...column, values: [Float32Array.of(1, 2), Float32Array.of(1)] } : column,
  );
  writeParquet(file, columns, embeddingMetadata(table));
  await assert.rejects(readEmbeddings(file), { message: `${file}: column "embedding", row 1: expected 2 numbers, got 1.` });
});

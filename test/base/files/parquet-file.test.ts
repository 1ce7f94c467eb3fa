// Parquet files group by group: what is written in pieces reads back whole and in pieces, and bad pieces leave no file.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ParquetColumn } from "#base/files";
import { openParquet, ParquetRowWriter, readParquet } from "#base/files/disk";

const folder = mkdtempSync(join(tmpdir(), "suricate-parquet-"));
after(() => rmSync(folder, { recursive: true }));

function columnsOf(start: number, count: number): ParquetColumn[] {
  const rows = Array.from({ length: count }, (_, index) => start + index);
  return [
    { name: "id", type: "string", values: rows.map((row) => `crop-${row}`) },
    { name: "rms", type: "double", values: rows.map((row) => (row % 3 === 0 ? null : row / 7)) },
    { name: "embedding", type: "list<float>", values: rows.map((row) => Float32Array.of(row, -row, 0.5)) },
  ];
}

test("a Parquet file written in three pieces reads back as one table, and group by group", async () => {
  const path = join(folder, "pieces.parquet");
  const writer = new ParquetRowWriter(path, { made: "by a test" });
  for (const [start, count] of [
    [0, 5],
    [5, 4],
    [9, 1],
  ] as const) {
    writer.append(columnsOf(start, count));
    assert.ok(!existsSync(path), "no name before it is whole");
  }
  writer.close();
  assert.deepEqual(await readParquet(path), { columns: columnsOf(0, 10), metadata: { made: "by a test" } });

  const file = await openParquet(path);
  assert.deepEqual(file.groups, [
    { start: 0, count: 5 },
    { start: 5, count: 4 },
    { start: 9, count: 1 },
  ]);
  assert.equal(file.numRows, 10);
  assert.deepEqual(await file.read(1, ["id", "embedding"]), [columnsOf(5, 4)[0], columnsOf(5, 4)[2]]);
  file.close();
});

test("rows with other columns than before are refused, and nothing is left behind", () => {
  const path = join(folder, "other.parquet");
  const writer = new ParquetRowWriter(path);
  writer.append(columnsOf(0, 2));
  assert.throws(() => writer.append(columnsOf(2, 2).slice(1)), {
    message:
      "parquet: expected the columns id string, rms double, embedding list<float> as before, got rms double, embedding list<float>.",
  });
  writer.abort();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("other")),
    [],
  );
});

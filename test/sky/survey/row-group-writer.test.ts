// Tables that are written part by part: the bytes do not tell of the parts.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatParquet, type ParquetColumn } from "#base/files";
import { sha256Of } from "#base/files/disk";
import { type RowGroupForm, RowGroupWriter } from "../../../src/sky/survey/disk/row-group-writer.ts";
import { ShownFile } from "../../../src/sky/survey/disk/shown-file.ts";
import { testFolder } from "./small-fields.ts";

const root = testFolder();

const columnsOf: RowGroupForm<number>["columnsOf"] = (rows): ParquetColumn[] => [
  { name: "number", type: "int32", values: [...rows] },
  { name: "name", type: "string", values: rows.map((row) => (row % 3 === 0 ? null : `row ${row}`)) },
];

/** As many as formatParquet puts in a group. */
const form: RowGroupForm<number> = { columnsOf, rowsPerGroup: 100_000 };

test("a table in parts has the bytes of the same table at once, over the ends of row groups and without a row", () => {
  for (const numRows of [0, 1, 100_000, 230_001]) {
    const rows = Array.from({ length: numRows }, (_, row) => row);
    const path = join(root, `parts-${numRows}.parquet`);
    const writer = new RowGroupWriter(path, form, "rename");
    for (let start = 0; start < numRows; start += 7777) writer.append(rows.slice(start, start + 7777));
    assert.equal(writer.numRows, numRows);
    const expected = formatParquet(columnsOf(rows));
    assert.equal(writer.close(), sha256Of(expected));
    assert.ok(readFileSync(path).equals(expected));
  }
});

test("a table that is given up leaves no file", () => {
  const before = readdirSync(root);
  const writer = new RowGroupWriter(join(root, "gone.parquet"), form, "rename");
  writer.append([1, 2, 3]);
  writer.abort();
  assert.deepEqual(readdirSync(root), before);
});

test("what fields show comes back field by field, in any order, and goes with its file", () => {
  const path = join(root, "shown");
  const shown = new ShownFile(path);
  const fields = [Float64Array.of(1, 2, 3), new Float64Array(0), Float64Array.of(Number.NaN, -0)];
  for (const numbers of fields) shown.add(numbers);
  for (const field of [2, 0, 1]) assert.deepEqual(shown.read(field), fields[field]);
  assert.throws(() => shown.read(3), { message: "internal: shown file: field 3 was not added." });
  shown.remove();
  assert.ok(!existsSync(path));
  assert.throws(() => new ShownFile(join(root, "none", "shown")).add(Float64Array.of(1)), {
    name: "FileError",
    message: `${join(root, "none", "shown")}: cannot be written: no such file or folder.`,
  });
});

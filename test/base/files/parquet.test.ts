import assert from "node:assert/strict";
import { test } from "node:test";
import { parquetMetadata } from "hyparquet";
import { randomFor } from "#base/array";
import {
  FileFormatError,
  formatParquet,
  type ParquetColumn,
  ParquetPieces,
  parquetColumn,
  parquetGroups,
  parseParquet,
} from "#base/files";

const COLUMNS: readonly ParquetColumn[] = [
  { name: "id", type: "string", values: ["a-y0-x0", "ü", null] },
  { name: "count", type: "int32", values: [0, null, -5] },
  { name: "large", type: "int64", values: [2n ** 60n, null, -1n] },
  { name: "rms", type: "float", values: [0.5, Number.NaN, null] },
  { name: "raDeg", type: "double", values: [359.76412763309571, null, 0.1] },
  { name: "isNear", type: "boolean", values: [true, false, null] },
  { name: "embedding", type: "list<float>", values: [Float32Array.of(1.5, -2), null, Float32Array.of()] },
  { name: "corners", type: "list<double>", values: [Float64Array.of(0.1, 0.2), Float64Array.of(3), null] },
];

test("a Parquet table of every type comes back as it went, nulls and notes included", async () => {
  const read = await parseParquet(formatParquet(COLUMNS, { made: "by a test" }));
  assert.deepEqual(read.columns, COLUMNS);
  assert.equal(read.metadata["made"], "by a test");
});

test("a Parquet file says its types in the standard's words", () => {
  const { schema } = parquetMetadata(formatParquet(COLUMNS).slice().buffer);
  const words = schema.map(({ name, type, converted_type, repetition_type }) =>
    [name, type, converted_type, repetition_type].filter(Boolean).join(" "),
  );
  assert.deepEqual(words, [
    "root",
    "id BYTE_ARRAY UTF8 OPTIONAL",
    "count INT32 OPTIONAL",
    "large INT64 OPTIONAL",
    "rms FLOAT OPTIONAL",
    "raDeg DOUBLE OPTIONAL",
    "isNear BOOLEAN OPTIONAL",
    "embedding LIST OPTIONAL",
    "list REPEATED",
    "element FLOAT REQUIRED",
    "corners LIST OPTIONAL",
    "list REPEATED",
    "element DOUBLE REQUIRED",
  ]);
});

test("a Parquet table longer than one row group keeps the order of its rows", async () => {
  const values = Array.from({ length: 250_001 }, (_, row) => (row % 7 === 0 ? null : row));
  const { columns } = await parseParquet(formatParquet([{ name: "row", type: "int32", values }]));
  assert.deepEqual(columns[0]!.values, values);
});

test("a Parquet table without rows keeps its columns", async () => {
  const empty: readonly ParquetColumn[] = [
    { name: "id", type: "string", values: [] },
    { name: "embedding", type: "list<float>", values: [] },
  ];
  assert.deepEqual((await parseParquet(formatParquet(empty))).columns, empty);
});

test("full lists of any length come back as they went, over many pages and row groups", async () => {
  const random = randomFor(1, "lists");
  const lists = (N: number, longest: number) =>
    Array.from({ length: N }, (_, row) =>
      Float32Array.from({ length: row % 5 === 0 ? 1 : 1 + random.integer(longest) }, () => random.normal()),
    );
  for (const { N, longest, rowsPerGroup } of [
    { N: 40, longest: 20_000, rowsPerGroup: 100 },
    { N: 700, longest: 300, rowsPerGroup: 256 },
  ]) {
    const [floats, ids] = [lists(N, longest), Array.from({ length: N }, (_, row) => row)];
    const doubles = floats.map((list) => Float64Array.from(list, (value) => value / 3));
    const columns: ParquetColumn[] = [
      { name: "before", type: "list<double>", values: doubles },
      { name: "id", type: "int32", values: ids },
      { name: "after", type: "list<float>", values: floats },
    ];
    const pieces = new ParquetPieces();
    const bytes = Buffer.concat([pieces.rows(columns, rowsPerGroup), pieces.end()]);
    assert.deepEqual((await parseParquet(bytes)).columns, columns);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    const { groups, read } = await parquetGroups(file, "lists");
    for (const [group, { start, count }] of groups.entries()) {
      const part = columns.map((column) => ({ ...column, values: column.values.slice(start, start + count) }));
      assert.deepEqual(await read(group, ["after", "before", "id"]), part);
    }
  }
});

test("a group of lists that are null or empty comes back as it went, by the general reader", async () => {
  const { read } = await parquetGroups(formatParquet(COLUMNS).slice().buffer, "lists");
  assert.deepEqual(await read(0, ["embedding", "corners"]), COLUMNS.slice(-2));
});

test("a broken Parquet table is refused with what is wrong", async () => {
  await assert.rejects(parseParquet(new TextEncoder().encode("id,count\n1,2\n"), "crops.parquet"), (error) => {
    return error instanceof FileFormatError && /^crops\.parquet: not a readable Parquet file: /.test(error.message);
  });
  const bytes = formatParquet(COLUMNS);
  await assert.rejects(parseParquet(bytes.subarray(0, bytes.length - 20), "crops.parquet"), FileFormatError);
  assert.throws(
    () => formatParquet([COLUMNS[0]!, { name: "short", type: "int32", values: [1] }]),
    /column "short": expected 3 rows as in "id", got 1\./,
  );
});

test("a Parquet column is found by name and type, or the fault is named", () => {
  const table = { columns: COLUMNS, metadata: {} };
  assert.deepEqual(parquetColumn(table, "count", "int32", "t.parquet"), [0, null, -5]);
  assert.throws(
    () => parquetColumn(table, "counts", "int32", "t.parquet"),
    /t\.parquet: expected a column "counts", got id, count, /,
  );
  assert.throws(
    () => parquetColumn(table, "count", "double", "t.parquet"),
    /t\.parquet: column "count": expected double, got int32\./,
  );
});

// Features that others made: every form of file joined to a crop set, and every way in which one may not fit it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { ndArray } from "#base/array";
import { formatNpy, formatParquet, type ParquetColumn, parquetColumn, parseParquet } from "#base/files";
import { alignedTo, type ForeignChoice } from "#learn/embeddings";
import { readEmbeddingsOf, readEmbeddingTable, writeEmbeddings } from "#learn/embeddings/disk";
import { writeFits } from "#sky/fits/disk";
import { cropRecord, cropSetOf, tableOf } from "../crop-sets.ts";

const IDS = ["a", "b", "c"];
const set = cropSetOf(
  IDS.map((id) => cropRecord({ id })),
  2,
  IDS.map(() => new Float32Array(4)),
);
/** Of the crops in their order. */
const VECTORS = [
  [1, 2],
  [3, 4],
  [5, 6.5],
];
/** The rows as the files have them: in another order. */
const ORDER = [2, 0, 1];
const ids = ORDER.map((row) => IDS[row]!);
const vectors = ORDER.map((row) => VECTORS[row]!);

let folder = "";
const at = (name: string) => join(folder, name);
before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-foreign-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const idColumn: ParquetColumn = { name: "id", type: "string", values: ids };
const listColumn: ParquetColumn = {
  name: "features",
  type: "list<float>",
  values: vectors.map((cell) => Float32Array.from(cell)),
};
const numberColumns = [0, 1].map(
  (k): ParquetColumn => ({ name: `f${k}`, type: "double", values: vectors.map((cell) => cell[k]!) }),
);

function writeTable(name: string, columns: readonly ParquetColumn[]): string {
  writeFileSync(at(name), formatParquet(columns));
  return at(name);
}

async function joined(path: string, choice: ForeignChoice = {}) {
  const { table, notes } = await readEmbeddingsOf(set, path, choice);
  assert.deepEqual([table.backbone, table.records, table.cropSetSha256], [path, set.records, set.sha256]);
  return { dim: table.dim, embeddings: [...table.embeddings], notes };
}

const WANTED = { dim: 2, embeddings: VECTORS.flat() };

const FORMS: Readonly<Record<string, () => { readonly path: string; readonly choice?: ForeignChoice }>> = {
  "a Parquet file with a column of lists": () => ({ path: writeTable("list.parquet", [idColumn, listColumn]) }),
  "a Parquet file with columns of numbers f0 and f1": () => ({
    path: writeTable("numbers.parquet", [idColumn, { name: "flux", type: "double", values: [7, 8, 9] }, ...numberColumns]),
  }),
  "a Parquet file whose columns are named": () => ({
    path: writeTable("named.parquet", [
      { ...idColumn, name: "crop_name" },
      ...numberColumns.map((column, k) => ({ ...column, name: ["size", "colour"][k]! })),
    ]),
    choice: { columns: ["size", "colour"], idColumn: "crop_name" },
  }),
  "a CSV file with a range of columns": () => {
    const lines = ids.map((id, row) => `${id},99,${vectors[row]!.join(",")}`);
    writeFileSync(at("range.csv"), `id,f0,f1,f2\n${lines.join("\n")}\n`);
    return { path: at("range.csv"), choice: { columns: ["f1..f2"] } };
  },
  "a FITS table with a column of vectors": () => {
    const columns = [
      { name: "ID", values: ids },
      { name: "FEATURE", values: Float64Array.from(vectors.flat()), numPerRow: 2 },
    ];
    writeFits(at("vectors.fits"), [{ kind: "table", columns, cards: [] }]);
    return { path: at("vectors.fits") };
  },
  "an npy file by the order of its rows": () => {
    writeFileSync(at("rows.npy"), formatNpy(ndArray("float64", [3, 2], Float64Array.from(VECTORS.flat()))));
    return { path: at("rows.npy"), choice: { joinBy: "row" } };
  },
};

for (const [form, write] of Object.entries(FORMS)) {
  test(`${form} is joined to the crops of the set`, async () => {
    const { path, choice = {} } = write();
    const { notes, ...got } = await joined(path, choice);
    assert.deepEqual(got, WANTED);
    const way = choice.joinBy === "row" ? "by the order of its rows" : "by the crops' ids";
    assert.deepEqual(notes, [
      `${path}: 2 numbers a crop, joined ${way}. What its backbone has seen in pre-training is not known.`,
    ]);
  });
}

test("a file that embed wrote is read as it is, with the rows that its backbone has seen and without a note", async () => {
  const own = tableOf("runs/a", set.records, VECTORS, { seenIds: ["b"], cropSize: 2 });
  writeEmbeddings(at("own.parquet"), own);
  assert.deepEqual(await readEmbeddingsOf(set, at("own.parquet")), { table: own, notes: [] });
});

test("a file that embed wrote of other crops too is joined by ids, and has the set's records and what its backbone has seen", async () => {
  const others = [...ids, "elsewhere"].map((id) => cropRecord({ id, label: "old" }));
  writeEmbeddings(at("more.parquet"), tableOf("runs/a", others, [...vectors, [9, 9]], { seenIds: ["b"], cropSetName: "big" }));
  const { table, notes } = await readEmbeddingsOf(set, at("more.parquet"));
  assert.deepEqual([table.backbone, table.seenIds, [...table.embeddings]], ["runs/a", ["b"], VECTORS.flat()]);
  assert.equal(table.records, set.records);
  assert.deepEqual(notes, [
    `${at("more.parquet")}: embeddings of big, joined to tiny by the crops' ids; 1 rows of other crops left out.`,
  ]);
});

test("a table that stands alone says of its rows what its columns say", async () => {
  const lines = ["name,RA,Dec,class,DQF,set,f0,f1", "007,01:00:00,-30:30:00,FRI,2,x,1,2", "b,20.5,-31,,nan,y,3,4"];
  writeFileSync(at("alone.csv"), `${lines.join("\n")}\n`);
  const { table, notes } = await readEmbeddingTable(at("alone.csv"));
  assert.deepEqual(table.records, [
    cropRecord({ id: "007", field: "007", raDeg: 15, decDeg: -30.5, label: "FRI", dataQualityFlag: 2 }),
    cropRecord({ id: "b", field: "b", raDeg: 20.5, decDeg: -31 }),
  ]);
  assert.deepEqual([table.dim, [...table.embeddings], table.cropSetName], [2, [1, 2, 3, 4], at("alone.csv")]);
  assert.equal(
    table.cropSetSha256,
    createHash("sha256")
      .update(readFileSync(at("alone.csv")))
      .digest("hex"),
  );
  assert.deepEqual(notes, [`${at("alone.csv")}: 2 rows of 2 numbers. What its backbone has seen in pre-training is not known.`]);
});

test("an npy file that stands alone has rows by number, or what the CSV file beside it says", async () => {
  const numbers = formatNpy(ndArray("float32", [2, 2], Float32Array.of(1, 2, 3, 4)));
  writeFileSync(at("lone.npy"), numbers);
  const idsRead = async (path: string) => (await readEmbeddingTable(path)).table.records.map(({ id }) => id);
  assert.deepEqual(await idsRead(at("lone.npy")), ["row-0", "row-1"]);
  const own = tableOf("runs/a", set.records, VECTORS);
  writeEmbeddings(at("both.npy"), own);
  assert.deepEqual(await idsRead(at("both.npy")), IDS);
  assert.deepEqual((await joined(at("both.npy"))).embeddings, VECTORS.flat());
  writeFileSync(at("lone.csv"), "id\na\n");
  await assert.rejects(idsRead(at("lone.npy")), {
    message: `${at("lone.csv")}: expected 2 rows, one for each of ${at("lone.npy")}, got 1. Move it elsewhere if it is of other crops.`,
  });
});

for (const [what, text, message] of [
  [
    "ids that come twice",
    "id,f0,f1\na,1,2\nb,3,4\na,5,6\n",
    'expected one row a crop, got "a" and 0 more that come again. Name another --id-column, or say --by-row.',
  ],
  ["a count that is none", "id,sourceCount,f0,f1\na,many,1,2\n", 'column "sourceCount", row 0: expected a number, got "many".'],
  ["a split that is none", "id,split,f0,f1\na,third,1,2\n", 'the split of row 0: expected train, valid or test, got "third".'],
  ["no rows", "id,f0,f1\n", "expected embeddings, got no rows."],
  [
    "a number that is none",
    "id,f0,f1\na,1,nan\nb,1,2\n",
    'expected finite numbers, got NaN or infinite ones for 1 crops, such as "a". Leave these crops out of the set, or mend their rows.',
  ],
] as const) {
  test(`a table that stands alone with ${what} is refused in one line`, async () => {
    writeFileSync(at("bad.csv"), text);
    await assert.rejects(readEmbeddingTable(at("bad.csv")), { message: `${at("bad.csv")}: ${message}` });
  });
}

test("a second table is brought to the order of the first, and refused where a crop is missing", () => {
  const main = tableOf("one", set.records, VECTORS);
  const other = tableOf(
    "two",
    [...ids, "d"].map((id) => cropRecord({ id })),
    [...vectors, [9, 9]],
  );
  const aligned = alignedTo(main, other);
  assert.deepEqual([[...aligned.embeddings], aligned.records], [VECTORS.flat(), set.records]);
  assert.throws(() => alignedTo(other, main), {
    message:
      'one: expected a row for each of the 4 crops of two, got none for 1 of them, such as "d"; its own ids are like "a". Say --by-row where the rows are the same crops in the same order.',
  });
  assert.throws(() => alignedTo(other, main, "row"), { message: "one: --by-row: expected 4 rows, as two has, got 3." });
  const unnamed = tableOf(
    "three",
    ["x", "y", "z"].map((id) => cropRecord({ id })),
    VECTORS,
  );
  assert.equal(alignedTo(main, unnamed, "row").records, main.records);
});

test("rows of other crops are left out and counted", async () => {
  const more = [idColumn, listColumn].map((column) => ({ ...column, values: [...column.values, column.values[0]!] }));
  const others = more.map((column) => (column.name === "id" ? { ...column, values: [...ids, "elsewhere"] } : column));
  const { notes, ...got } = await joined(writeTable("others.parquet", others));
  assert.deepEqual(got, WANTED);
  assert.match(notes[0]!, /joined by the crops' ids; 1 rows of other crops left out\./);
});

const column = (columns: readonly ParquetColumn[], name: string, values: ParquetColumn["values"]) =>
  columns.map((one) => (one.name === name ? { ...one, values } : one));
const both = [idColumn, listColumn];

const REFUSALS: readonly (readonly [what: string, columns: readonly ParquetColumn[], choice: ForeignChoice, message: string])[] =
  [
    [
      "crops without a row",
      column(both, "id", ["a", "B", "C"]),
      {},
      'expected a row for each of the 3 crops of tiny, got none for 2 of them, such as "b"; its own ids are like "a".',
    ],
    [
      "a crop with several rows",
      column(both, "id", ["a", "a", "b"]),
      {},
      'expected one row a crop, got several for 1 crops, such as "a". Keep one row of each.',
    ],
    [
      "numbers that are none",
      column(both, "features", [Float32Array.of(1, 2), Float32Array.of(Number.NaN, 1), Float32Array.of(1, Number.NaN)]),
      {},
      'expected finite numbers, got NaN or infinite ones for 2 crops, such as "a". Leave these crops out of the set, or mend their rows.',
    ],
    [
      "vectors of several lengths",
      column(both, "features", [Float32Array.of(1, 2), Float32Array.of(3), Float32Array.of(4, 5)]),
      {},
      'column "features", row 2: expected 1 numbers, got 2.',
    ],
    [
      "no ids",
      [listColumn],
      {},
      "expected a column of crop ids, such as id, got features. Name it with --id-column, or say --by-row where its rows are the crops in their order.",
    ],
    [
      "an id column that is not there",
      both,
      { idColumn: "name" },
      '--id-column: no column is called "name". There are: id, features.',
    ],
    ["vectors as ids", both, { idColumn: "features" }, "--id-column features: expected one value a row, got vectors."],
    [
      "several columns of vectors",
      [...both, { ...listColumn, name: "other" }],
      {},
      "expected one column of vectors, or columns of numbers f0, f1, ..., got several: features, other. Name them with --columns, as in f0..f511.",
    ],
    [
      "no numbers at all",
      [idColumn],
      {},
      "expected one column of vectors, or columns of numbers f0, f1, ..., got id. Name them with --columns, as in f0..f511.",
    ],
    ["text as numbers", both, { columns: ["id"] }, '--columns id: expected numbers, got text such as "c".'],
    [
      "a column that is mistyped",
      both,
      { columns: ["feature"] },
      '--columns: no column is called "feature". Did you mean "features"?',
    ],
    [
      "a range that ends where no column is",
      [idColumn, ...numberColumns],
      { columns: ["f0..f2"] },
      '--columns: no column is called "f2". Did you mean "f0"?',
    ],
    [
      "a range that falls",
      [idColumn, ...numberColumns],
      { columns: ["f1..f0"] },
      "--columns f1..f0: expected a range from a lower to a higher number.",
    ],
  ];

for (const [what, columns, choice, message] of REFUSALS) {
  test(`a table with ${what} is refused in one line`, async () => {
    const path = writeTable("refused.parquet", columns);
    await assert.rejects(readEmbeddingsOf(set, path, choice), (error: Error) => {
      assert.equal(error.message.replace(/^ConfigError: /, ""), `${path}: ${message}`);
      return true;
    });
  });
}

test("another number of rows, other axes and other endings are refused", async () => {
  writeFileSync(at("two.npy"), formatNpy(ndArray("float32", [2, 2], new Float32Array(4))));
  await assert.rejects(readEmbeddingsOf(set, at("two.npy"), { joinBy: "row" }), {
    message: `${at("two.npy")}: --by-row: expected 3 rows, the crops of tiny in their order, got 2.`,
  });
  writeFileSync(at("maps.npy"), formatNpy(ndArray("float32", [3, 2, 1], new Float32Array(6))));
  await assert.rejects(readEmbeddingsOf(set, at("maps.npy"), { joinBy: "row" }), {
    message: `${at("maps.npy")}: expected [crops, numbers], got [3, 2, 1].`,
  });
  await assert.rejects(readEmbeddingsOf(set, at("rows.hdf5")), {
    message: `${at("rows.hdf5")}: expected a file of embeddings, .parquet, .npy, .csv, .tsv, .fits, .fits.gz, by its ending.`,
  });
});

test("half precision and whole numbers of npy files are the numbers that they stand for", async () => {
  // 1.5 and -2 as IEEE 754 halves: 0x3e00 and 0xc000.
  writeFileSync(at("half.npy"), formatNpy(ndArray("float16", [3, 2], Uint16Array.of(0x3e00, 0xc000, 0x3e00, 0, 0, 0xc000))));
  assert.deepEqual((await joined(at("half.npy"), { joinBy: "row" })).embeddings, [1.5, -2, 1.5, 0, 0, -2]);
  writeFileSync(at("whole.npy"), formatNpy(ndArray("int64", [3, 1], BigInt64Array.of(4n, -5n, 6n))));
  assert.deepEqual((await joined(at("whole.npy"), { joinBy: "row" })).embeddings, [4, -5, 6]);
});

test("ids with zeros before them stay text", async () => {
  const coded = { ...set, records: ["007", "008"].map((id) => cropRecord({ id })) };
  writeFileSync(at("codes.csv"), "name,f0,f1\n008,1,2\n007,3,4\n");
  const { table } = await readEmbeddingsOf(coded, at("codes.csv"));
  assert.deepEqual([...table.embeddings], [3, 4, 1, 2]);
});

test("a Parquet column of a type that is not read is named, and its neighbours are read", async () => {
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: "id", data: IDS, type: "STRING" },
      { name: "thumbnail", data: IDS.map(() => Uint8Array.of(1, 2)), type: "BYTE_ARRAY" },
      { name: "f0", data: [1, 3, 5], type: "DOUBLE" },
      { name: "f1", data: [2, 4, 6.5], type: "DOUBLE" },
    ],
  });
  const table = await parseParquet(new Uint8Array(bytes));
  assert.deepEqual([table.columns.map(({ name }) => name), table.unread], [["id", "f0", "f1"], ["thumbnail"]]);
  assert.throws(() => parquetColumn(table, "thumbnail", "string", "t.parquet"), {
    message: 't.parquet: column "thumbnail": its type is not one Suricate reads.',
  });
  writeFileSync(at("thumbnail.parquet"), new Uint8Array(bytes));
  assert.deepEqual((await joined(at("thumbnail.parquet"))).embeddings, WANTED.embeddings);
});

// Embeddings as files of other programs: the same numbers in each, positions beside them, and nothing left of a failure.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseNpy } from "#base/files";
import { openNpyBlocks, readEmbeddings, writeEmbeddingBlocks, writeEmbeddings } from "#learn/embeddings/disk";
import { pythonSkip } from "../../python.ts";
import { pythonResult } from "../../python-arrays.ts";
import { cropRecord, tableOf } from "../crop-sets.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-tables-"));
after(() => rmSync(folder, { recursive: true }));

const vectors = [
  [0.5, -2],
  [1.25, 3],
  [0, 7],
];
const records = vectors.map((_, row) => cropRecord({ id: `crop ${row}`, raDeg: 10 * row, decDeg: row === 2 ? null : -1.5 }));
const table = tableOf("a backbone", records, vectors);

test("npy holds the numbers alone, and the crops' columns stand beside it as CSV", async () => {
  writeEmbeddings(join(folder, "e.npy"), table);
  const { shape, data } = parseNpy(readFileSync(join(folder, "e.npy")), "e.npy");
  assert.deepEqual(shape, [3, 2]);
  assert.deepEqual(Array.from(data as Float32Array), vectors.flat());
  const [head, first] = readFileSync(join(folder, "e.csv"), "utf8").split("\n");
  assert.ok(head!.startsWith("id,field,") && !head!.includes("embedding"));
  assert.ok(first!.startsWith("crop 0,field,") && first!.includes(",0,-1.5,"));
  const rows = openNpyBlocks(join(folder, "e.npy"));
  assert.deepEqual(Array.from(await rows.read(1, 2)), vectors.slice(1).flat());
  rows.close();
});

test("CSV has a column for each number", () => {
  writeEmbeddings(join(folder, "wide.csv"), table);
  const [head, , second] = readFileSync(join(folder, "wide.csv"), "utf8").split("\n");
  assert.ok(head!.endsWith(",embedding_0,embedding_1"));
  assert.ok(second!.endsWith(",1.25,3"));
});

test("a VOTable is read by astropy with units, meanings, missing values and vectors", { skip: pythonSkip(["astropy"]) }, () => {
  const path = join(folder, "e.vot");
  writeEmbeddings(path, table);
  const found = pythonResult<{ ids: string[]; ra: number[]; unit: string; ucd: string; missing: boolean; vectors: number[][] }>(
    {},
    `import warnings
warnings.simplefilter("ignore")
from astropy.io.votable import parse_single_table
t = parse_single_table(${JSON.stringify(path)})
f = {one.name: one for one in t.fields}
result = dict(ids=[str(v) for v in t.array["id"]], ra=[float(v) for v in t.array["raDeg"]], unit=str(f["raDeg"].unit),
              ucd=f["raDeg"].ucd, missing=bool(t.array["decDeg"].mask[2] or np.isnan(t.array["decDeg"][2])),
              vectors=[[float(v) for v in one] for one in t.array["embedding"]])`,
  );
  assert.deepEqual(found, {
    ids: records.map(({ id }) => id),
    ra: [0, 10, 20],
    unit: "deg",
    ucd: "pos.eq.ra;meta.main",
    missing: true,
    vectors,
  });
});

test("blocks of any size become one file, and a failure among them leaves none", async () => {
  async function* blocks() {
    yield { records: records.slice(0, 1), embeddings: table.embeddings.subarray(0, 2) };
    yield { records: records.slice(1), embeddings: table.embeddings.subarray(2) };
  }
  assert.equal(await writeEmbeddingBlocks(join(folder, "blocks.parquet"), table, blocks()), 3);
  assert.deepEqual(await readEmbeddings(join(folder, "blocks.parquet")), table);
  async function* failing() {
    yield* blocks();
    throw new Error("the device is gone");
  }
  await assert.rejects(writeEmbeddingBlocks(join(folder, "broken.parquet"), table, failing()), { message: "the device is gone" });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes("broken")),
    [],
  );
  await assert.rejects(writeEmbeddingBlocks(join(folder, "e.hdf5"), table, blocks()), {
    message: /--out .*e\.hdf5: expected a name that ends in \.parquet, \.csv, \.vot, \.npy\./,
  });
});

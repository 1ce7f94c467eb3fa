// Features as astropy and numpy write them, joined to a crop set: FITS with a column of vectors, CSV of numbers, npy of doubles.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { ForeignChoice } from "#learn/embeddings";
import { readEmbeddingsOf } from "#learn/embeddings/disk";
import { pythonCommand } from "../../bench/peer-python.ts";
import { cropRecord, cropSetOf } from "../learn/crop-sets.ts";
import { pythonSkip } from "../python.ts";
import { temporaryFolder } from "../sky/fits/fits-file.ts";

const NUM_CROPS = 5;
const DIM = 3;

/** Crop k's number j is k + j / 8; the tables have the crops backwards, the array in their order. */
const PROGRAM = `
import sys, numpy
from astropy.table import Table
n, d = ${NUM_CROPS}, ${DIM}
x = numpy.arange(n)[:, None] + numpy.arange(d)[None, :] / 8
back = x[::-1]
ids = ["J%03d+%d" % (k, k) for k in range(n)][::-1]
table = Table({"source_id": ids, "features": back.astype(">f4")})
table.write(sys.argv[1] + "/a.fits")
table.write(sys.argv[1] + "/a.fits.gz")
flat = Table([ids] + [back[:, j] for j in range(d)], names=["name"] + ["f%d" % j for j in range(d)])
flat.write(sys.argv[1] + "/a.csv", format="ascii.csv")
flat.write(sys.argv[1] + "/flat.fits")
numpy.save(sys.argv[1] + "/a.npy", x)
numpy.save(sys.argv[1] + "/half.npy", x.astype(numpy.float16))
`;

test("tables that astropy and numpy wrote are joined to their crops", { skip: pythonSkip(["astropy", "numpy"]) }, async () => {
  const folder = temporaryFolder();
  const run = spawnSync(pythonCommand(), ["-c", PROGRAM, folder], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const records = Array.from({ length: NUM_CROPS }, (_, k) => cropRecord({ id: `J00${k}+${k}` }));
  const set = cropSetOf(
    records,
    2,
    records.map(() => new Float32Array(4)),
  );
  const wanted = records.flatMap((_, k) => Array.from({ length: DIM }, (_, j) => k + j / 8));
  const byRow: ForeignChoice = { joinBy: "row" };
  for (const [name, choice] of [
    ["a.fits", {}],
    ["a.fits.gz", {}],
    ["flat.fits", {}],
    ["a.csv", {}],
    ["a.npy", byRow],
    ["half.npy", byRow],
  ] as const) {
    const { table } = await readEmbeddingsOf(set, join(folder, name), choice);
    assert.deepEqual([name, table.dim, ...table.embeddings], [name, DIM, ...wanted]);
  }
});

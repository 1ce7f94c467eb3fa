import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeEmbeddings } from "#learn/embeddings/disk";
import { cropRecord, tableOf } from "../learn/crop-sets.ts";
import { projectRoot } from "../real-data.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-alike-"));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, "table.parquet");
const records = ["a", "b", "c", "d"].map((id) => cropRecord({ id }));
writeEmbeddings(
  file,
  tableOf("run", records, [
    [1, 0],
    [0, 2],
    [3, 4],
    [-1, 0.01],
  ]),
);

function alike(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(projectRoot, "dist", "examples", "alike.js"), ...args], { encoding: "utf8" });
}

test("examples/alike ranks crops by the angle of their embeddings, the crop itself left out", () => {
  const { status, stdout, stderr } = alike(file, "a");
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "0.6000  c\n0.0000  b\n-1.0000  d\n");
  assert.equal(alike(file, "a", "1").stdout, "0.6000  c\n");
});

test("examples/alike says what is wrong with its arguments", () => {
  const unknown = alike(file, "z");
  assert.equal(unknown.status, 1);
  assert.equal(unknown.stderr, `${file}: there is no crop "z". Its first is "a".\n`);
  assert.equal(alike(file).status, 2);
});

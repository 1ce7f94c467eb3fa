// Files of the sizes that users have: gigabytes, most of them holes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readBytes, sha256Of, sha256OfFile } from "#base/files/disk";
import { readCatalogue } from "#sky/catalogue/disk";

const folder = mkdtempSync(join(tmpdir(), "suricate-large-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function hole(name: string, numBytes: number): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  truncateSync(path, numBytes);
  return path;
}

test("the SHA-256 of more bytes than a C int counts is that of sha256sum", () => {
  const path = hole("zeros", 2 ** 31 + 1);
  const expected = execFileSync("sha256sum", [path], { encoding: "utf8" }).slice(0, 64);
  assert.equal(sha256Of(readBytes(path)), expected);
  assert.equal(sha256OfFile(path), expected);
});

test("a catalogue of more characters than a string holds is read", () => {
  const path = join(folder, "long.csv");
  const comment = new Uint8Array(2 ** 20).fill(0x20);
  comment.set([0x23], 0);
  comment.set([0x0a], comment.length - 1);
  const name = new TextEncoder().encode("ra,dec\n");
  const row = new TextEncoder().encode("1,-2\n");
  writeFileSync(path, name);
  for (let part = 0; part < 513; part++) writeFileSync(path, comment, { flag: "a" });
  writeFileSync(path, row, { flag: "a" });
  const { sources } = readCatalogue(path);
  assert.deepEqual(
    sources.map(({ raDeg, decDeg }) => [raDeg, decDeg]),
    [[1, -2]],
  );
  truncateSync(path, 2 ** 32 + 1);
  assert.throws(() => readCatalogue(path), {
    name: "CatalogueError",
    message: `${path}: expected at most 4294967296 bytes in a file that is read whole, got 4294967297. Split it into smaller files.`,
  });
});

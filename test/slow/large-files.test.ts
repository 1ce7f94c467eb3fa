// Files of the sizes that users have: gigabytes, most of them holes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { isTorchTensor, type PickleValue } from "#base/files";
import { openTorchCheckpoint, readBytes, sha256Of, sha256OfFile } from "#base/files/disk";
import { readCatalogue } from "#sky/catalogue/disk";
import { readFitsUnits } from "#sky/fits/disk";
import { pythonCommand } from "../../bench/peer-python.ts";
import { pythonSkip } from "../python.ts";

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

/** What torch.save writes without its zip format, but for the elements of its first storage, which are a hole. */
const LEGACY = `
import collections, pickle, struct, sys, torch
class Storage:
    def __init__(self, key, count): self.key, self.count = key, count
class Tensor:
    def __init__(self, key, count): self.storage = Storage(key, count)
    def __reduce__(self):
        count = self.storage.count
        return torch._utils._rebuild_tensor_v2, (self.storage, 0, (count,), (1,), False, collections.OrderedDict())
class Pickler(pickle.Pickler):
    def persistent_id(self, item):
        if isinstance(item, Storage): return ("storage", torch.FloatStorage, item.key, "cpu", item.count, None)
with open(sys.argv[1], "wb") as file:
    for value in (0x1950a86a20f9469cfc6c, 1001, dict(protocol_version=1001, little_endian=True)): pickle.dump(value, file, 2)
    Pickler(file, 2).dump({"large": Tensor("0", 2**30 + 1), "small": Tensor("1", 3)})
    pickle.dump(["0", "1"], file, 2)
    file.write(struct.pack("<q", 2**30 + 1))
    file.seek(4 * (2**30 + 1), 1)
    file.write(struct.pack("<q3f", 3, 1.5, -2, 0.25))
`;

test("a legacy checkpoint of more than 4 GiB gives up its tensors one by one", { skip: pythonSkip(["torch"]) }, () => {
  const path = join(folder, "legacy.pth");
  execFileSync(pythonCommand(), ["-c", LEGACY, path]);
  const checkpoint = openTorchCheckpoint(path);
  try {
    const small = (checkpoint.content as Map<string, PickleValue>).get("small");
    assert.ok(isTorchTensor(small));
    assert.deepEqual([...checkpoint.read(small).data], [1.5, -2, 0.25]);
  } finally {
    checkpoint.close();
  }
});

test("a gzipped FITS file of more than 2 GiB is refused by its size, not taken for one cut short", () => {
  const path = join(folder, "large.fits.gz");
  // Members one behind another unpack to all of them (RFC 1952).
  writeFileSync(path, Buffer.concat(new Array<Buffer>(2049).fill(gzipSync(new Uint8Array(2 ** 20)))));
  assert.throws(() => readFitsUnits(path), {
    name: "FitsError",
    message: `${path}: expected at most 2147483648 bytes in a file that is unpacked whole, got more. Unpack it first.`,
  });
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { float32, type NdArray, ndArray } from "#base/array";
import { FileFormatError, formatSafetensors, parseNpy } from "#base/files";
import {
  checkWritable,
  FileError,
  NpyRowWriter,
  openNpyRows,
  readBytes,
  readParquet,
  readSafetensors,
  readText,
  sha256Of,
  sha256OfFile,
  writeFileAtomically,
  writeFolderAtomically,
  writeParquet,
  writeSafetensors,
} from "#base/files/disk";

const root = mkdtempSync(join(tmpdir(), "suricate-files-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** A new empty folder for one test. */
function folder(name: string): string {
  const path = join(root, name);
  mkdirSync(path);
  return path;
}

/** The number of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ["-e", ""]).pid;
}

test("a file written atomically holds its pieces in order, and nothing else is left in the folder", () => {
  const place = folder("pieces");
  const path = join(place, "a.bin");
  writeFileSync(path, "what was there before");
  writeFileAtomically(path, [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
  assert.deepEqual([...readFileSync(path)], [1, 2, 3]);
  assert.deepEqual(readdirSync(place), ["a.bin"]);
});

test("a file whose writing fails half-way leaves the old file and no temporary one", () => {
  const place = folder("half-way");
  const path = join(place, "a.bin");
  writeFileSync(path, "old");
  function* pieces() {
    yield Uint8Array.of(1);
    throw new Error("no more");
  }
  assert.throws(() => writeFileAtomically(path, pieces()), /no more/);
  assert.equal(readFileSync(path, "utf8"), "old");
  assert.deepEqual(readdirSync(place), ["a.bin"]);
});

test("what a killed process left of a file goes when the file is written again, a living one's and other files' stay", () => {
  const place = folder("left");
  const path = join(place, "a.bin");
  const dead = deadPid();
  const left = [`.a.bin.tmp-${dead}-0`, `.a.bin.tmp-${process.pid}-999`];
  const kept = [`.a.bin.tmp-${process.ppid}-0`, `.a.bin.extra.tmp-${dead}-0`, `.b.bin.tmp-${dead}-0`, ".a.bin.tmp-notes"];
  for (const name of [...left, ...kept]) writeFileSync(join(place, name), "");
  function* twice() {
    // Another write of the same file while this one is open.
    yield Uint8Array.of(1);
    writeFileAtomically(path, Uint8Array.of(2));
    yield Uint8Array.of(3);
  }
  writeFileAtomically(path, twice());
  assert.deepEqual([...readFileSync(path)], [1, 3]);
  assert.deepEqual(readdirSync(place).toSorted(), [...kept, "a.bin"].toSorted());
});

test("a file that cannot be written or read is named with the reason", () => {
  writeFileSync(join(root, "text"), "a file");
  const path = join(root, "text", "a.bin");
  const isNamed = (error: unknown) => error instanceof FileError && error.path === path && error.cause instanceof Error;
  assert.throws(
    () => writeFileAtomically(path, Uint8Array.of(1)),
    (error) => isNamed(error) && /a\.bin: cannot be written: a file is in the way\.$/.test(String(error)),
  );
  assert.throws(
    () => readBytes(path),
    (error) => isNamed(error) && /a\.bin: cannot be read: part of the path is not a folder\.$/.test(String(error)),
  );
  assert.throws(() => readBytes(root), /cannot be read: it is a folder\.$/);
});

test("a file's folder is made where there is none", () => {
  writeFileAtomically(join(root, "new", "results", "a.bin"), Uint8Array.of(7));
  assert.deepEqual([...readBytes(join(root, "new", "results", "a.bin"))], [7]);
});

test("whether a file can be written is known before, and nothing is changed by asking", () => {
  const place = mkdtempSync(join(root, "ask-"));
  writeFileSync(join(place, "text"), "a file");
  checkWritable(join(place, "text"));
  checkWritable(join(place, "new", "results", "a.json"));
  assert.deepEqual(readdirSync(place), ["text"]);
  assert.throws(() => checkWritable(place), { name: "FileError", message: `${place}: cannot be written: it is a folder.` });
  const below = join(place, "text", "a.json");
  assert.throws(() => checkWritable(below), { message: `${below}: cannot be written: ${join(place, "text")} is a file.` });
});

test("a folder written atomically appears whole, in the place of the one before", async () => {
  const place = folder("whole");
  const out = join(place, "set");
  mkdirSync(out);
  writeFileSync(join(out, "old"), "");
  const result = await writeFolderAtomically(out, (temporary) => {
    writeFileSync(join(temporary, "new"), "");
    assert.deepEqual(readdirSync(out), ["old"]);
    return 7;
  });
  assert.equal(result, 7);
  assert.deepEqual(readdirSync(out), ["new"]);
  assert.deepEqual(readdirSync(place), ["set"]);
});

test("a folder whose filling fails leaves the one before and nothing else", async () => {
  const place = folder("failing");
  const out = join(place, "set");
  mkdirSync(out);
  writeFileSync(join(out, "old"), "");
  const filling = writeFolderAtomically(out, (temporary) => {
    writeFileSync(join(temporary, "new"), "");
    throw new Error("no more");
  });
  await assert.rejects(filling, /no more/);
  assert.deepEqual(readdirSync(out), ["old"]);
  assert.deepEqual(readdirSync(place), ["set"]);
});

test("the leavings of a process that was killed are cleared the next time, those of a living one and of other names are not", async () => {
  const place = folder("stale");
  for (const name of [`.set.tmp-${deadPid()}`, `.set.tmp-${process.ppid}`, `.other.tmp-${deadPid()}`, ".set.tmp-notes"]) {
    mkdirSync(join(place, name));
    writeFileSync(join(place, name, "crops.npy"), "half");
  }
  await writeFolderAtomically(join(place, "set"), () => undefined);
  assert.deepEqual(
    readdirSync(place)
      .map((name) => name.replace(/\d+$/, ""))
      .toSorted(),
    [".other.tmp-", ".set.tmp-", ".set.tmp-notes", "set"],
  );
  assert.ok(existsSync(join(place, `.set.tmp-${process.ppid}`)));
});

test("a folder that a killed process had set aside comes back before the next writing fails", async () => {
  const place = folder("aside");
  const aside = join(place, `.set.old-${deadPid()}`);
  mkdirSync(aside);
  writeFileSync(join(aside, "old"), "");
  await assert.rejects(
    writeFolderAtomically(join(place, "set"), () => {
      throw new Error("no more");
    }),
  );
  assert.deepEqual(readdirSync(join(place, "set")), ["old"]);
});

test("rows written one by one make the .npy file of the whole, and come back one by one", () => {
  const path = join(folder("rows"), "crops.npy");
  const writer = new NpyRowWriter(path, { dtype: "float32", rowShape: [2, 2] });
  writer.append(Float32Array.of(1, 2, 3, 4));
  writer.append(Float32Array.of(5, Number.NaN, 7, 8));
  assert.ok(!existsSync(path));
  const shape = writer.close();
  const whole = float32([2, 2, 2], [1, 2, 3, 4, 5, Number.NaN, 7, 8]);
  assert.deepEqual(shape, [2, 2, 2]);
  assert.deepEqual(parseNpy(readBytes(path)), whole);
  const rows = openNpyRows(path);
  assert.deepEqual(rows.row(1), Float32Array.of(5, Number.NaN, 7, 8));
  assert.deepEqual(rows.row(0), Float32Array.of(1, 2, 3, 4));
  assert.throws(() => rows.row(2), /row 2: expected 0 to 1\./);
  rows.close();
});

test("a row of another length is refused, and an aborted .npy leaves nothing", () => {
  const place = folder("aborted");
  const writer = new NpyRowWriter(join(place, "crops.npy"), { dtype: "float32", rowShape: [2] });
  assert.throws(() => writer.append(Float32Array.of(1)), /expected a row of 2 elements, got 1\./);
  writer.abort();
  assert.deepEqual(readdirSync(place), []);
});

test("an .npy file that is cut short is refused when it is opened", () => {
  const path = join(folder("cut"), "crops.npy");
  const writer = new NpyRowWriter(path, { dtype: "float32", rowShape: [2] });
  writer.append(Float32Array.of(1, 2));
  writer.close();
  writeFileSync(path, readBytes(path).subarray(0, 130));
  assert.throws(() => openNpyRows(path), /crops\.npy: expected 136 bytes for float32 \[1, 2\], got 130\./);
});

test("safetensors on disk are the bytes of formatSafetensors, and come back as they went", () => {
  const path = join(folder("tensors"), "a.safetensors");
  const tensors = new Map<string, NdArray>([
    ["flag", ndArray("bool", [1], Uint8Array.of(1))],
    ["weight", float32([2, 1], [0.25, -8])],
  ]);
  writeSafetensors(path, tensors, { epoch: "3" });
  assert.deepEqual(readBytes(path), formatSafetensors(tensors, { epoch: "3" }));
  const read = readSafetensors(path);
  assert.deepEqual([...read.tensors], [...tensors]);
  assert.deepEqual(read.metadata, { epoch: "3" });
  writeFileSync(path, readBytes(path).subarray(0, -1));
  assert.throws(() => readSafetensors(path), /a\.safetensors: expected 9 bytes of tensors, got 8\./);
});

test("a Parquet table on disk comes back as it went", async () => {
  const path = join(folder("table"), "a.parquet");
  const columns = [{ name: "n", type: "int32" as const, values: [1, null] }];
  writeParquet(path, columns);
  assert.deepEqual((await readParquet(path)).columns, columns);
});

test("a file's SHA-256 is the one published for its bytes", () => {
  const path = join(folder("hash"), "abc");
  writeFileSync(path, "abc");
  // FIPS 180-2, appendix B.1.
  assert.equal(sha256OfFile(path), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // Longer than one chunk.
  const long = new Uint8Array(3_000_000).fill(97);
  writeFileSync(path, long);
  assert.equal(sha256OfFile(path), sha256Of(long));
});

test("a file that no array or no string can hold is refused by its size", () => {
  const path = join(root, "huge.json");
  writeFileSync(path, "");
  truncateSync(path, 2 ** 32 + 1);
  assert.throws(
    () => readBytes(path),
    new FileFormatError(
      `${path}: expected at most 4294967296 bytes in a file that is read whole, got 4294967297. Split it into smaller files.`,
    ),
  );
  truncateSync(path, 2 ** 29);
  assert.throws(
    () => readText(path),
    new FileFormatError(
      `${path}: expected text of at most 536870888 characters, got 536870912 bytes. Split it into smaller files.`,
    ),
  );
  rmSync(path);
});

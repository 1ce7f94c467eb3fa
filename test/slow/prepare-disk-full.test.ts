import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { float32 } from "#base/array";
import { FileError, writeSafetensors } from "#base/files/disk";
import { openCropSet, prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeField } from "../sky/survey/small-fields.ts";

const folder = testFolder();
const disk = mkdtempSync(join(tmpdir(), "suricate-disk-"));
const mount = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { encoding: "utf8" });
const isMounted = mount.status === 0;
after(() => {
  if (isMounted) spawnSync("umount", [disk]);
  rmdirSync(disk);
});
if (!isMounted && process.env["CI"])
  throw new Error(`a small disk could not be mounted; with CI set this fails: ${mount.stderr}`);
const skip = isMounted ? false : `a small disk could not be mounted (it needs root): ${mount.stderr?.trim()}`;

/** Fills the disk, prepares, and expects the one line that says so. */
async function fillsUp(options: Parameters<typeof prepareCropSet>[0], message: RegExp): Promise<void> {
  await assert.rejects(prepareCropSet(options), (error) => {
    assert.ok(error instanceof FileError);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

test("a disk that fills while crops are written gives one line with the path, and leaves nothing", { skip }, async () => {
  const field = writeField(folder, "large", { height: 640, width: 640 });
  const out = join(disk, "crops");
  await fillsUp(
    { inputs: [field], out, cropSize: 64 },
    /\/crops\/crops\.npy: the disk is full after \d+ bytes\. Free space or choose another --out\. Nothing was written\.$/,
  );
  assert.deepEqual(readdirSync(disk), []);
});

test("a set that is to be replaced stays whole when the disk fills", { skip }, async () => {
  const small = writeField(folder, "small", { height: 128, width: 128 });
  const large = writeField(folder, "larger", { height: 640, width: 640 });
  const out = join(disk, "kept");
  await prepareCropSet({ inputs: [small], out, cropSize: 64 });
  await fillsUp({ inputs: [large], out, cropSize: 64, existing: "replace" }, /the disk is full/);
  assert.deepEqual(readdirSync(disk), ["kept"]);
  const set = await openCropSet(out);
  assert.equal(set.records.length, 4);
  set.close();
});

test("tensors that do not fit leave the file of before", { skip }, () => {
  const path = join(disk, "last.safetensors");
  writeSafetensors(path, new Map([["a", float32([1], [7])]]));
  const before = readFileSync(path);
  const large = new Map([["a", float32([600_000], new Float32Array(600_000))]]);
  assert.throws(() => writeSafetensors(path, large), /last\.safetensors: the disk is full after \d+ bytes\./);
  assert.deepEqual(readFileSync(path), before);
  assert.ok(!readdirSync(disk).some((name) => name.includes(".tmp-")));
});

test("once there is room again the same command works", { skip }, async () => {
  writeFileSync(join(disk, "ballast"), new Uint8Array(700_000));
  const field = writeField(folder, "medium", { height: 320, width: 320 });
  const out = join(disk, "later");
  await fillsUp({ inputs: [field], out, cropSize: 64 }, /the disk is full/);
  rmSync(join(disk, "ballast"));
  await prepareCropSet({ inputs: [field], out, cropSize: 64 });
  assert.ok(existsSync(join(out, "cropset.json")));
});

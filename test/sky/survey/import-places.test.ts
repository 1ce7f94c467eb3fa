// A labelled set in the places where a user may have it: folders within folders, archives, and folders that hold an archive.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { formatPng } from "#base/files";
import { importMiraBest, importProtege, importRadioGalaxyDataset, importRadioGalaxyNet } from "#sky/survey/disk";
import { type Picklable, pickleBytes } from "./pickle-bytes.ts";
import { testFolder } from "./small-fields.ts";

const root = testFolder();
let numSets = 0;
const out = () => join(root, `set-${numSets++}`);

function write(path: string, bytes: Uint8Array | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

const png = (side: number, first: number) =>
  formatPng({
    height: side,
    width: side,
    channels: 1,
    data: Uint8Array.from({ length: side * side }, (_, i) => (i === 0 ? first : i % 7)),
  });

/** `folder`'s content under its own name as an archive at `path`. */
function archive(path: string, folder: string, ...flags: readonly string[]): string {
  mkdirSync(dirname(path), { recursive: true });
  const { status, stderr } = spawnSync("tar", [
    ...flags,
    "-cf",
    path,
    "-C",
    dirname(folder),
    folder.slice(dirname(folder).length + 1),
  ]);
  assert.equal(status, 0, String(stderr));
  return path;
}

function miraBest(folder: string): string {
  const batch = (name: string) =>
    pickleBytes(
      new Map<string, Picklable>([
        ["labels", [0]],
        ["data", [{ square: new Uint8Array(150 * 150).fill(9, 0, 50), side: 150 }]],
        ["filenames", [`./MiraBest_F/${name}.png`]],
      ]),
    );
  write(join(folder, "data_batch_1"), batch("100_123.251+043.797_0.1281_0034.09"));
  write(join(folder, "test_batch"), batch("100_010.500-001.250_0.2000_0050.00"));
  return folder;
}

test("MiraBest comes out of its folder, its archive, and a folder that holds either", async () => {
  const batches = miraBest(join(root, "mirabest", "deep", "F_batches"));
  const packed = archive(join(root, "packed", "MiraBest_F_batches.tar.gz"), batches, "-z");
  archive(join(root, "packed", "others.tar"), archive(join(root, "notes", "notes.tar"), batches));
  for (const path of [batches, join(root, "mirabest"), packed, dirname(packed)]) {
    const { crops, splits } = await importMiraBest({ path, out: out() });
    assert.deepEqual({ crops, splits }, { crops: 2, splits: { train: 1, test: 1 } }, path);
  }
});

test("a folder with two archives of a set is refused, and both are named", async () => {
  const batches = miraBest(join(root, "twice-source", "F_batches"));
  const folder = join(root, "twice");
  archive(join(folder, "a.tar.gz"), batches, "-z");
  archive(join(folder, "b.tar"), batches);
  await assert.rejects(importMiraBest({ path: folder, out: out() }), {
    message: `${folder}: expected one archive of the set, got 2: a.tar.gz, b.tar. Give the path of one.`,
  });
});

test("RadioGalaxyDataset comes out of a tar archive and of the folder that holds it", async () => {
  const folder = join(root, "rgd-source", "galaxy_data");
  write(join(folder, "train", "FRI", "135.654_52.064_0_MiraBest.png"), png(6, 7));
  const packed = archive(join(root, "rgd", "galaxy_data.tgz"), folder, "-z");
  for (const path of [packed, dirname(packed)])
    assert.equal((await importRadioGalaxyDataset({ path, out: out() })).crops, 1, path);
});

test("the Protege cutouts are found by their list, by their folder, and by the folder of both", async () => {
  const folder = join(root, "protege");
  write(join(folder, "gray128", "0.png"), png(8, 3));
  const names = "objid,author_ML_score,protege_rank,ra,dec,original_image,evaluation_subset_author_ML_score";
  write(join(folder, "protege_subset.csv"), `${names}\nA,1,0,10,-30,Abell_209.fits,2\n`);
  for (const path of [folder, join(folder, "gray128"), join(folder, "protege_subset.csv")])
    assert.equal((await importProtege({ path, out: out() })).crops, 1, path);
});

/** A zip archive of one file, as it is. Its check sum is left out. */
function zipOf(name: string, bytes: Uint8Array): Uint8Array {
  const header = (length: number, signature: number, numbers: readonly (readonly [at: number, value: number])[]) => {
    const head = Buffer.alloc(length);
    head.writeUInt32LE(signature, 0);
    for (const [at, value] of numbers) head.writeUInt32LE(value, at);
    return head;
  };
  const sizes = (at: number) =>
    [
      [at, bytes.length],
      [at + 4, bytes.length],
      [at + 8, name.length],
    ] as const;
  const local = Buffer.concat([header(30, 0x04034b50, sizes(18)), Buffer.from(name), bytes]);
  const central = Buffer.concat([header(46, 0x02014b50, sizes(20)), Buffer.from(name)]);
  const end = header(22, 0x06054b50, [
    [8, 0x10001],
    [12, central.length],
    [16, local.length],
  ]);
  return Buffer.concat([local, central, end]);
}

test("an archive of Protege cutouts is closed when it is read, and when nothing of use is in it", async (context) => {
  if (!existsSync("/proc/self/fd")) return context.skip("open files are counted in /proc, which is not here");
  const isOpen = (path: string) =>
    readdirSync("/proc/self/fd").some((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === path;
      } catch {
        return false; // the folder's own descriptor is gone by now
      }
    });
  const names = "objid,author_ML_score,protege_rank,ra,dec,original_image,evaluation_subset_author_ML_score";
  for (const [folder, rank] of [
    [join(root, "protege-zip"), 0],
    [join(root, "protege-other"), 7],
  ] as const) {
    const packed = join(folder, "gray128.zip");
    write(packed, zipOf("gray128/0.png", png(8, 3)));
    write(join(folder, "protege_subset.csv"), `${names}\nA,1,${rank},10,-30,Abell_209.fits,2\n`);
    if (rank === 0) assert.equal((await importProtege({ path: folder, out: out() })).crops, 1);
    else await assert.rejects(importProtege({ path: folder, out: out() }), /expected pictures named by rank/);
    assert.ok(!isOpen(packed), packed);
  }
});

test("RadioGalaxyNET comes out of its folder, the folder above it and an archive; without train.json it is refused", async () => {
  const folder = join(root, "emu-source", "emu");
  for (const [set, first] of [
    ["train", 60],
    ["val", 90],
  ] as const) {
    write(join(folder, set, `${set}-1.png`), png(40, first));
    const categories = [{ id: 1, name: "FR-I" }];
    const images = [{ id: 1, file_name: `${set}-1.png` }];
    write(
      join(folder, `${set}.json`),
      JSON.stringify({ images, annotations: [{ image_id: 1, category_id: 1, bbox: [3, 4, 5, 6] }], categories }),
    );
  }
  const packed = archive(join(root, "emu", "emu.tar.gz"), folder, "-z");
  for (const path of [folder, dirname(folder), packed]) {
    const { train } = await importRadioGalaxyNet({ folder: path, out: out() });
    assert.equal(train, 1, path);
  }
  const empty = join(root, "emu-empty");
  mkdirSync(empty);
  await assert.rejects(importRadioGalaxyNet({ folder: empty, out: out() }), {
    message: `${empty}: expected train.json, val.json and the folders train and val in one place, got none.`,
  });
});

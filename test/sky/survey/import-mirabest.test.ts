// MiraBest's batches as crop sets; test/slow/import-sets.test.ts reads the real ones.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importMiraBest, openCropSet } from "#sky/survey/disk";
import { type Picklable, pickleBytes } from "./pickle-bytes.ts";
import { testFolder } from "./small-fields.ts";

const root = testFolder();
const SIDE = 150;

/** A picture that holds 0, 255 and its own number. */
function picture(number: number): Uint8Array {
  const bytes = new Uint8Array(SIDE * SIDE);
  bytes[0] = 255;
  bytes[1] = number;
  return bytes;
}

interface Entry {
  readonly label: number;
  readonly name: string;
}

function batch(entries: readonly Entry[], first: number): Map<string, Picklable> {
  return new Map<string, Picklable>([
    ["labels", entries.map(({ label }) => label)],
    ["data", entries.map((_, index) => ({ square: picture(first + index), side: SIDE }))],
    ["filenames", entries.map(({ name }) => `./MiraBest_F/${name}.png`)],
  ]);
}

const TRAIN: readonly Entry[] = [
  { label: 0, name: "100_123.251+043.797_0.1281_0034.09" },
  { label: 6, name: "201_010.500-001.250_0.2000_0050.00" },
  { label: 3, name: "110_011.000+002.000_0.1000_0010.00" },
];
const TEST: readonly Entry[] = [
  { label: 5, name: "200_200.000+010.000_0.3000_0020.00" },
  { label: 8, name: "300_201.000+011.000_0.4000_0030.00" },
];

function writeBatches(name: string): string {
  const folder = join(root, name, "F_batches");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "data_batch_1"), pickleBytes(batch(TRAIN, 10)));
  writeFileSync(join(folder, "test_batch"), pickleBytes(batch(TEST, 20)));
  writeFileSync(join(folder, "batches.meta"), "not a batch");
  return join(root, name);
}

test("MiraBest's confident sources become crops in their own values, with the makers' test batch as test split", async () => {
  const out = join(root, "set");
  const summary = await importMiraBest({ path: writeBatches("whole"), out });
  assert.deepEqual(summary, {
    out,
    crops: 3,
    rejected: 0,
    splits: { train: 2, test: 1 },
    labels: { FRI: 1, FRII: 2 },
    warnings: [],
  });
  const set = await openCropSet(out);
  assert.deepEqual(
    set.records.map(({ id, label, labelConfidence, morphology, split, redshift, raDeg, decDeg, survey }) => [
      ...[id, label, labelConfidence, morphology, split, redshift, raDeg, decDeg, survey],
    ]),
    [
      [TRAIN[0]!.name, "FRI", "confident", "standard", "train", 0.1281, 123.251, 43.797, "FIRST"],
      [TRAIN[1]!.name, "FRII", "confident", "double-double", "train", 0.2, 10.5, -1.25, "FIRST"],
      [TEST[0]!.name, "FRII", "confident", "standard", "test", 0.3, 200, 10, "FIRST"],
    ],
  );
  assert.deepEqual(
    [0, 1, 2].map((index) => Array.from(set.pixelsOf(index).slice(0, 3))),
    [
      [255, 10, 0],
      [255, 11, 0],
      [255, 20, 0],
    ],
  );
  for (const { lowFlux, highFlux, sourceCount, rms } of set.records)
    assert.deepEqual([lowFlux, highFlux, sourceCount, rms], [0, 255, null, null]);
  const { cropSize, fluxUnit, tiling, collection } = set.info;
  assert.deepEqual([cropSize, fluxUnit, tiling, collection], [SIDE, "arbitrary", "images", "MiraBest"]);
  set.close();
});

test("a part of MiraBest has that part's sources alone", async () => {
  const path = writeBatches("parts");
  const labelsOf = async (subset: "uncertain" | "hybrid" | "all") =>
    (await importMiraBest({ path, out: join(root, subset), subset })).labels;
  assert.deepEqual(await labelsOf("uncertain"), { FRI: 1 });
  assert.deepEqual(await labelsOf("hybrid"), { hybrid: 1 });
  assert.deepEqual(await labelsOf("all"), { FRI: 2, FRII: 2, hybrid: 1 });
  const set = await openCropSet(join(root, "all"));
  assert.equal(set.info.collection, "MiraBest (all)");
  set.close();
});

test("MiraBest files of another form are refused in one line, and nothing is written", async () => {
  const refused = async (content: Uint8Array, message: RegExp) => {
    const path = writeBatches("spoiled");
    writeFileSync(join(path, "F_batches", "test_batch"), content);
    const before = readdirSync(root);
    await assert.rejects(importMiraBest({ path, out: join(root, "never") }), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, message);
      return !error.message.includes("\n");
    });
    assert.deepEqual(readdirSync(root), before);
    rmSync(path, { recursive: true });
  };
  const [first] = TEST;
  const changed = (change: (batch: Map<string, Picklable>) => void) => {
    const content = batch([first!], 30);
    change(content);
    return pickleBytes(content);
  };
  const at = "spoiled: F_batches/test_batch: ";
  await refused(
    changed((content) => content.delete("data")),
    RegExp(`${at}expected a dictionary with a list "data", got none\\.$`),
  );
  await refused(
    changed((content) => content.set("labels", [5, 6])),
    RegExp(`${at}expected as many labels and names as pictures \\(1\\), got 2 and 1\\.$`),
  );
  await refused(
    changed((content) => content.set("labels", [10])),
    RegExp(`${at}picture 0: expected a label from 0 to 9, got 10\\.$`),
  );
  await refused(
    changed((content) => content.set("labels", [0])),
    RegExp(`${at}picture 0: expected a name such as 100_123\\.251\\+043\\.797_0\\.1281_0034\\.09\\.png, got \\./MiraBest_F/200`),
  );
  await refused(
    changed((content) => content.set("data", [{ square: new Uint8Array(9), side: 3 }])),
    RegExp(`${at}picture 0: expected an array of uint8 \\[150, 150\\]\\.$`),
  );
  await refused(pickleBytes("text"), RegExp(`${at}expected a dictionary with a list "labels", got none\\.$`));
  const empty = join(root, "empty");
  mkdirSync(empty);
  await assert.rejects(importMiraBest({ path: empty, out: join(root, "never") }), {
    message: `${empty}: expected the batches data_batch_1 to data_batch_7 and test_batch, got none.`,
  });
  const torn = join(root, "torn.tar.gz");
  writeFileSync(torn, Uint8Array.of(0x1f, 0x8b, 8, 0, 1));
  await assert.rejects(importMiraBest({ path: torn, out: join(root, "never") }), /torn\.tar\.gz: cannot be unpacked: /);
});

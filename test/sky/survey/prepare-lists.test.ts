// Several source lists, one a field: paired by name, else by position; what stands in two lists counts once; what cannot be right is refused.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openCropSet, prepareCropSet } from "#sky/survey/disk";
import { testFolder, writeCatalogue, writeField } from "./small-fields.ts";

const folder = testFolder();
let numSets = 0;

/** Fields 40 pixels wide; the first two do not touch, the third shows the right half of the first. */
const inputs = [
  ["abell-22", 10],
  ["abell-209", 12],
  ["abell-2091", 10 - (20 * 0.001) / Math.cos((30 * Math.PI) / 180)],
].map(([name, raDeg]) => writeField(folder, name as string, { height: 40, width: 40, raDeg: raDeg as number }));
const [first, second, beside] = inputs as [string, string, string];

const list = (name: string, offsets: readonly (readonly [number, number])[], raDeg = 10) =>
  writeCatalogue(join(folder, name), offsets, raDeg);

async function prepared(fields: readonly string[], catalogue: readonly string[]) {
  const out = join(folder, `set-${numSets++}`);
  const summary = await prepareCropSet({ inputs: fields, out, cropSize: 40, catalogue });
  const set = await openCropSet(out);
  set.close();
  return { summary, info: set.info, counts: set.records.map(({ field, sourceCount }) => [field, sourceCount] as const) };
}

test("lists that are called after fields are paired with them by name, whatever they end in, and the summary says so", async () => {
  const ours = list("abell-22.pybdsf.srl", [
    [0, 0],
    [5, 5],
  ]);
  const theirs = list("abell-209_rms5.srl.csv", [[-3, 2]], 12);
  const { summary, info, counts } = await prepared([first, second], [ours, theirs]);
  assert.deepEqual(counts, [
    ["abell-22", 2],
    ["abell-209", 1],
  ]);
  assert.deepEqual(summary.warnings, ["2 source lists: 2 paired with their fields by name."]);
  assert.deepEqual([summary.sources, summary.ownedSources], [3, 3]);
  assert.equal(info.catalogue!.file, "abell-22.pybdsf.srl and 1 more");
  assert.equal(info.catalogue!.sources, 3);
});

test("the longest field name counts, and other lists go to the fields that their positions lie in", async () => {
  const named = list("abell-2091.srl", [[10, 0]]);
  const unnamed = list(
    "deep.srl",
    [
      [0, 0],
      [1, 9],
    ],
    12,
  );
  const { summary, counts } = await prepared([second, beside], [named, unnamed]);
  assert.deepEqual(counts, [
    ["abell-209", 2],
    ["abell-2091", 1],
  ]);
  assert.deepEqual(summary.warnings, ["2 source lists: 1 paired with their fields by name, 1 placed by sky position."]);
});

test("a source that two lists without a field have counts once, one nearby in the same list twice", async () => {
  const west = list("west.srl", [
    [-5, 0],
    [-5, 1],
    [8, 8],
  ]);
  // A third of a pixel from one of them: 1.2 arcsec, and 5 pixels from any.
  const east = list("east.srl", [
    [8.3, 8],
    [12, 3],
  ]);
  const { summary, counts } = await prepared([first], [west, east]);
  assert.deepEqual(counts, [["abell-22", 4]]);
  assert.deepEqual(summary.warnings, ["2 source lists: 2 placed by sky position, 1 sources left out that an earlier list has."]);
});

test("a source that the lists of two overlapping fields have counts in both", async () => {
  const ours = list("abell-22.srl", [[10, 0]]);
  const theirs = list("abell-2091.srl", [[10, 0]]);
  const { counts } = await prepared([first, beside], [ours, theirs]);
  assert.deepEqual(counts, [
    ["abell-22", 1],
    ["abell-2091", 1],
  ]);
});

test("a folder gives its source lists, and no other tables", async () => {
  const lists = join(folder, "lists");
  mkdirSync(lists);
  writeCatalogue(join(lists, "abell-22.srl"), [[0, 0]]);
  writeCatalogue(join(lists, "abell-209.srl"), [[0, 0]], 12);
  writeFileSync(join(lists, "truth.csv"), "nothing,of,use\n");
  const { counts } = await prepared([first, second], [lists]);
  assert.deepEqual(
    counts.map(([, count]) => count),
    [1, 1],
  );
  const empty = join(folder, "empty");
  mkdirSync(empty);
  await assert.rejects(prepared([first], [empty]), {
    message: `${empty}: expected source lists (*.srl, *.gaul, also .fits, .csv and .txt of them), got 0 other entries. Name the lists.`,
  });
});

test("two lists of one field, lists of two kinds, and a list of no field are refused by their names", async () => {
  const ours = list("abell-22.srl", [[0, 0]]);
  const again = list("abell-22.gaul", [[0, 0]]);
  await assert.rejects(prepared([first], [ours, again]), {
    message: `${again}: expected one source list of the field "abell-22", but ${ours} is called after it too. Leave one out.`,
  });
  const other = join(folder, "abell-209.gaul");
  writeFileSync(other, "Gaus_id,RA,Dec\n1,12,-30\n");
  await assert.rejects(prepared([first, second], [ours, other]), {
    message: `${other}: expected a list of the same kind as ${ours}, with the columns RA, Dec, got Gaus_id, RA, Dec. Give the lists that one program made in one way.`,
  });
  const far = list("far.srl", [[0, 0]], 200);
  await assert.rejects(prepared([first], [ours, far]), {
    message: `${far}: expected sources inside one of the 1 field(s), after none of which it is called, got none of 1. Leave it out, or check its frame.`,
  });
  const astray = list("abell-209.srl", [[0, 0]], 200);
  await assert.rejects(prepared([first, second], [ours, astray]), {
    message: `${astray}: expected sources inside the field "abell-209" that it is called after, got none of 1. Leave it out, or check its frame.`,
  });
});

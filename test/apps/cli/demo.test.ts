// Parts of the demo that need no training; test/slow/demo.test.ts runs it whole.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fitsHeader, wcsOf } from "#sky/fits";
import { writeFieldImage } from "#sky/fits/disk";
import { SMALL_SKY, simulateField } from "#sky/simulator";
import { galleryCrops, spreadByCount } from "../../../apps/cli/demo/example-crops.ts";
import { demoFolder } from "../../../apps/cli/demo/folder.ts";
import { CROP_MARGIN, CROP_SIZE, demoTraining } from "../../../apps/cli/demo/settings.ts";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-demo-"));
after(() => rmSync(folder, { recursive: true }));

test("a demo clears what an earlier demo left, and leaves what is not its own", () => {
  const root = join(folder, "twice");
  const first = demoFolder(root);
  mkdirSync(first.run);
  writeFileSync(join(first.run, "config.yaml"), "old");
  writeFileSync(join(root, "notes.txt"), "mine");
  demoFolder(root);
  assert.ok(!existsSync(first.run));
  assert.ok(existsSync(join(root, "notes.txt")));
  assert.ok(existsSync(first.embeddings));
});

test("a demo refuses a folder that holds other files, and touches none of them", () => {
  const root = join(folder, "thesis");
  mkdirSync(join(root, "run"), { recursive: true });
  assert.throws(() => demoFolder(root), {
    message: `ConfigError: --out ${root}: expected a new folder or an earlier demo's, got one that holds other files. Choose another --out.`,
  });
  assert.ok(existsSync(join(root, "run")));
});

test("example crops run evenly from the emptiest to the fullest, each once, none without a count", () => {
  const records = [5, null, 0, 9, 7, 2, 3].map((sourceCount, index) => cropRecord({ id: `${index}`, sourceCount }));
  assert.deepEqual(
    spreadByCount(records, 3).map((index) => records[index]!.sourceCount),
    [0, 5, 9],
  );
  assert.equal(new Set(spreadByCount(records, 50)).size, 6);
});

test("a crop's circles are its field's sources, at their pixels within the crop", () => {
  const field = simulateField({ ...SMALL_SKY, fieldSize: 160, primaryBeamFwhmDeg: 0.08, robust: 0.5 }, 3, 0);
  const file = join(folder, `${field.name}.fits`);
  writeFieldImage(file, field);
  const [y0, x0] = [64, 32];
  const record = cropRecord({ id: "c", field: field.name, y0, x0, sourceCount: 1, lowFlux: -1e-5, highFlux: 5e-5 });
  const cropSet = cropSetOf([record], 64, [new Float32Array(64 * 64)]);
  const stranger = { ...field.sources[0]!, field: "another" };
  const [crop] = galleryCrops(cropSet, [0], { images: new Map([[field.name, file]]), sources: [...field.sources, stranger] });
  const wcs = wcsOf(fitsHeader(field.cards))!;
  const expected = field.sources
    .map(({ raDeg, decDeg }) => wcs.skyToPixel(raDeg, decDeg)!)
    .map(({ x, y }) => [x - x0, y - y0] as const)
    .filter(([x, y]) => x >= -0.5 && x < 63.5 && y >= -0.5 && y < 63.5);
  assert.ok(expected.length > 0);
  assert.deepEqual(
    crop!.sources.map(({ x, y }) => [x, y]),
    expected,
  );
  assert.equal(crop!.title, "1 source");
});

test("the demo's margin holds a crop however it is turned, and its training settings pass their schema", () => {
  assert.ok(CROP_SIZE + 2 * CROP_MARGIN >= CROP_SIZE * Math.SQRT2);
  assert.equal(demoTraining(5).seed, 5);
});

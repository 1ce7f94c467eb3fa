import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parsePng } from "#base/files";
import { projectRoot, realData } from "../real-data.ts";

const field = realData("widefield/ska_sdc1/B1_1000h_0.3tr.fits");
const example = join(projectRoot, "dist", "examples", "views.js");

test("examples/views draws the crop and its ten views on one picture", { skip: field.skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "suricate-example-"));
  try {
    const sheet = join(folder, "views.png");
    const { status, stderr } = spawnSync(process.execPath, [example, field.path, sheet], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    const { height, width, channels, data } = parsePng(readFileSync(sheet));
    // Three tiles of 224 pixels, then six and two of 96, with gaps of 4.
    assert.deepEqual([height, width, channels], [4 + 224 + 4 + 96 + 4 + 96 + 4, 700, 1]);
    for (const [x, y, size] of [
      [4, 4, 224] as const,
      [232, 4, 224] as const,
      [460, 4, 224] as const,
      [4, 232, 96] as const,
      [104, 332, 96] as const,
    ]) {
      const levels = new Set<number>();
      for (let row = y; row < y + size; row++)
        for (let column = x; column < x + size; column++) levels.add(data[row * width + column]!);
      assert.ok(levels.size > 50, `tile at ${x}, ${y}: ${levels.size} grey levels`);
    }
    // The unused end of the last row stays grey.
    assert.equal(data[340 * width + 650], 128);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("examples/views without its two files says how it is used", () => {
  const { status, stderr } = spawnSync(process.execPath, [example], { encoding: "utf8" });
  assert.equal(status, 2);
  assert.equal(stderr, "usage: views.js FIELD.fits SHEET.png\n");
});

// Commands that a signal ends before they are done: what they leave.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatPng } from "#base/files";
import { startSuricate } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-stopping-"));
after(() => rmSync(folder, { recursive: true }));

test("import ends at SIGTERM with 143, says so, and leaves no part of the set", async () => {
  mkdirSync(join(folder, "pictures"));
  const data = Uint8Array.from({ length: 300 * 300 }, (_, index) => index % 251);
  const png = formatPng({ height: 300, width: 300, channels: 1, data });
  for (let picture = 0; picture < 1500; picture++) writeFileSync(join(folder, "pictures", `${picture}.png`), png);
  const before = readdirSync(folder);
  const { child, ended } = startSuricate(folder, "import", "images", "pictures", "--out", "set");
  while (readdirSync(folder).length === before.length) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  assert.equal(code, 143, stderr);
  assert.match(stderr, /^suricate: stopped: the set is not written\.$/m);
  assert.deepEqual(readdirSync(folder), before);
});

// Whoever reads a command's lines may go away before it ends.
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { startSuricate } from "./suricate.ts";

test("a command whose output nobody reads any more ends as it would have, without a stack", async () => {
  const { child, ended } = startSuricate(tmpdir(), "evaluate", "fr", "--help");
  child.stdout.destroy();
  const { code, stderr } = await ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

test("a command whose messages nobody reads any more fails as it would have", async () => {
  const { child, ended } = startSuricate(tmpdir(), "inspect", "nowhere.fits");
  child.stderr.destroy();
  assert.deepEqual(await ended, { code: 1, signal: null, stderr: "" });
});

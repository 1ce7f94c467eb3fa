// npm run bench: what it says where it cannot run, and with which exit code.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../real-data.ts";

function bench(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const program = join(projectRoot, "dist", "bench", "main.js");
  return spawnSync(process.execPath, [program, ...args], { encoding: "utf8", env });
}

test("a benchmark that does not exist is refused with the list of those that do, exit code 2", () => {
  const { status, stdout, stderr } = bench(["vit-stp"]);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^bench: expected the name of one benchmark, got "vit-stp"\.\nusage: .*\nNAME is one of: vit-step, resnet-step, embed-vit, embed-resnet, prepare, prepare-gzip, prepare-rice, pca, tsne, neighbours, probe\.\n$/,
  );
});

test("a benchmark that takes minutes a turn takes one where no number is asked for", () => {
  assert.match(bench([]).stderr, /usage: npm run bench -- NAME \[--json\] \[--turns N\] \(default: 5, of tsne 1\)/);
});

test("a number of turns below one is refused, exit code 2", () => {
  const { status, stderr } = bench(["vit-step", "--turns", "0"]);
  assert.equal(status, 2);
  assert.match(stderr, /^bench: --turns: expected a whole number above 0, got 0\.\n/);
});

test("a peer that cannot run is one line on stderr, exit code 1", () => {
  const { status, stdout, stderr } = bench(["vit-step", "--json"], { ...process.env, SURICATE_PYTHON: "/no/such/python" });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^bench: the peer cannot run: \/no\/such\/python could not be started .*\n$/);
});

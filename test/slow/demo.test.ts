// The demo as a user starts it, and what its report must show. Its time is measured, not tested (docs/results.md).
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Comparison } from "#learn/tasks";
import { projectRoot } from "../real-data.ts";

interface DemoSummary {
  readonly timings: readonly { readonly stage: string; readonly seconds: number }[];
  readonly training: {
    readonly numSteps: number;
    readonly loss: number;
    readonly lnK: number;
    readonly teacherEntropy: number;
    readonly embeddingSpread: number;
  };
  readonly meanSquaredError: {
    readonly value: number;
    readonly floors: readonly { readonly backbone: string; readonly value: number }[];
  };
  readonly comparisons: readonly Comparison[];
}

const root = mkdtempSync(join(tmpdir(), "suricate-demo-"));
after(() => rmSync(root, { recursive: true }));
const out = join(root, "demo");
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [join(projectRoot, "dist", "apps", "cli", "main.js"), "demo", "--out", out, "--json"],
  {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  },
);
const summary = status === 0 ? (JSON.parse(stdout) as DemoSummary) : undefined;

test("the demo ends well, and says how long each of its stages took", () => {
  assert.equal(status, 0, stderr);
  const stages = summary!.timings.map(({ stage }) => stage);
  assert.deepEqual(stages, ["simulate", "prepare", "train", "embed", "probe"]);
  assert.ok(summary!.timings.every(({ seconds }) => seconds > 0));
});

test("the demo leaves fields, crops, run, embeddings, results and report", () => {
  assert.deepEqual(readdirSync(out).toSorted(), [
    ".suricate-demo",
    "crops",
    "embeddings",
    "fields",
    "report.html",
    "results.json",
    "run",
  ]);
  assert.deepEqual(readdirSync(join(out, "embeddings")).toSorted(), [
    "mean.parquet",
    "pixels.parquet",
    "statistics.parquet",
    "trained.parquet",
    "untrained.parquet",
  ]);
});

test("the demo's loss ends clearly below ln K without collapse", () => {
  const { loss, lnK, teacherEntropy, embeddingSpread } = summary!.training;
  assert.ok(loss < lnK - 0.5, `loss ${loss}, ln K ${lnK}`);
  assert.ok(teacherEntropy > 0.25 * lnK && teacherEntropy < lnK - 0.5, `teacher entropy ${teacherEntropy}`);
  assert.ok(embeddingSpread > 0.4, `embedding spread ${embeddingSpread}`);
});

test("the demo's trained probe beats the untrained backbone's over the test crops", () => {
  const comparison = summary!.comparisons.find(({ against }) => against.startsWith("random:"))!;
  assert.ok(comparison.interval[1] < 0, JSON.stringify(comparison));
});

test("the demo's report shows its figures and asks nothing of the network", () => {
  const page = readFileSync(join(out, "report.html"), "utf8");
  for (const words of [
    "ln K = ",
    "trained backbone",
    "an untrained backbone",
    "head 3",
    "prediction = truth",
    "MeerKAT simulator",
  ])
    assert.ok(page.includes(words), words);
  // Pictures are base64 text, in which any three letters may stand.
  assert.doesNotMatch(page.replaceAll(/data:image\/png;base64,[\w+/=]+/g, ""), /NaN|undefined|<script|src=/);
});

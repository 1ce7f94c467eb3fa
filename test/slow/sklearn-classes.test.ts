// Classifiers, neighbours, count regressions and metrics on cases of many shapes, beside scikit-learn and SciPy run live.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import {
  type ClassCase,
  type ClassTruth,
  checkCounts,
  checkIntervals,
  checkLogistic,
  checkMetrics,
  checkNeighbours,
} from "../learn/class-cases.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["sklearn", "scipy"]);

/** Standardised features, classes with centres of their own, and counts that follow the first feature. */
function randomCase(index: number): ClassCase {
  const random = randomFor(91, "class cases", index);
  const [numClasses, dim] = [2 + (index % 4), 2 + random.integer(30)];
  const numTrain = 60 + random.integer(200);
  const centres = Array.from({ length: numClasses }, () => Array.from({ length: dim }, () => 0.7 * random.normal()));
  const rows = (count: number) =>
    Array.from({ length: count }, (_, row) => {
      const k = row < numClasses ? row : random.integer(numClasses);
      return { k, x: centres[k]!.map((value) => value + random.normal()) };
    });
  const [train, tested] = [rows(numTrain), rows(40)];
  return {
    name: `case ${index}: ${numTrain} x ${dim}, ${numClasses} classes`,
    train: train.map(({ x }) => x),
    test: tested.map(({ x }) => x),
    classes: train.map(({ k }) => k),
    testClasses: tested.map(({ k }) => k),
    // More variable than Poisson's law, as catalogued counts are.
    counts: train.map(({ x }) => Math.floor(4 * Math.exp(0.2 * x[0]! + 0.6 * random.normal()))),
    numClasses,
    penalties: [0.3, 10, 300],
    knnSizes: [1, 10, 20],
    dispersion: 0.2 + random.uniform(),
  };
}

test("16 random cases have scikit-learn's optima, labels and metrics, and SciPy's intervals and dispersions", { skip }, () => {
  const cases = Array.from({ length: 16 }, (_, index) => randomCase(index));
  const folder = mkdtempSync(join(tmpdir(), "suricate-classes-"));
  try {
    const [input, output] = [join(folder, "input.json"), join(folder, "output.json")];
    writeFileSync(input, JSON.stringify(cases));
    const script = join(projectRoot, "test", "reference", "classes_sklearn.py");
    const args = ["-W", "ignore", "-B", script, input, output];
    const { status, stderr } = spawnSync(pythonCommand(), args, { encoding: "utf8", env: peerEnvironment() });
    assert.equal(status, 0, stderr);
    const truths = JSON.parse(readFileSync(output, "utf8")) as ClassTruth[];
    for (const [index, truth] of truths.entries()) {
      for (const check of [checkLogistic, checkNeighbours, checkMetrics, checkIntervals, checkCounts])
        check(cases[index]!, truth);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

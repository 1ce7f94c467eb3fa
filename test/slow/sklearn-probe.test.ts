// PCA, scaling, ridge and the sgd probe on cases of many shapes, beside scikit-learn and PyTorch run live.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { applyPca, fitPca, type Matrix, symmetricEigen, timesTransposed, transposed } from "#learn/embeddings";
import { applyScaler, fitLinearBySgd, fitRidge, fitScaler, predict, SGD_SETTINGS } from "#learn/tasks";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { assertClose } from "../compare.ts";
import { matrixFrom, type ProbeCase, type ProbeTruth } from "../learn/probe-cases.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["sklearn", "torch"]);

function truthOf(cases: readonly ProbeCase[]): readonly ProbeTruth[] {
  const folder = mkdtempSync(join(tmpdir(), "suricate-probe-"));
  try {
    const [input, output] = [join(folder, "input.json"), join(folder, "output.json")];
    writeFileSync(input, JSON.stringify(cases));
    const script = join(projectRoot, "test", "reference", "probe_sklearn.py");
    const { status, stderr } = spawnSync(pythonCommand(), ["-B", script, input, output], {
      encoding: "utf8",
      env: peerEnvironment(),
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(readFileSync(output, "utf8")) as ProbeTruth[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Rows whose variance falls from direction to direction, as embeddings' does, and counts that follow the first of them. */
function randomCase(index: number): ProbeCase {
  const random = randomFor(41, "probe cases", index);
  const dim = 2 + random.integer(index % 4 === 0 ? 380 : 60);
  const numTrain = 20 + random.integer(280);
  const numComponents = 1 + random.integer(Math.min(dim, numTrain - 1, 100));
  const mixing = Array.from({ length: dim }, (_, row) =>
    Array.from({ length: dim }, () => random.normal() * 0.01 ** (row / dim)),
  );
  const row = () => {
    const draws = mixing.map(() => random.normal());
    return mixing[0]!.map((_, column) => 2 + draws.reduce((sum, draw, k) => sum + draw * mixing[k]![column]!, 0));
  };
  const [train, tested] = [Array.from({ length: numTrain }, row), Array.from({ length: 30 }, row)];
  const count = (vector: readonly number[]) => Math.max(0, Math.round(10 + 2 * vector[0]! + random.normal()));
  return {
    name: `case ${index}: ${numTrain} x ${dim}, ${numComponents} components`,
    train,
    test: tested,
    targets: train.map(count),
    testTargets: tested.map(count),
    numComponents,
    penalties: [1e-3, 1, 1e4],
  };
}

/** The largest angle between two subspaces with orthonormal rows, in radians: its sine is the norm of (1 - P) b. */
function largestAngle(a: Matrix, b: Matrix): number {
  const inner = timesTransposed(a, b);
  const cosines = symmetricEigen(timesTransposed(transposed(inner), transposed(inner))).values;
  return Math.asin(Math.sqrt(Math.max(0, 1 - cosines.at(-1)!)));
}

test("24 random pipelines of components, scaling and ridge predict what scikit-learn's do", { skip }, () => {
  const cases = Array.from({ length: 24 }, (_, index) => randomCase(index));
  for (const [index, truth] of truthOf(cases).entries()) {
    const one = cases[index]!;
    const train = matrixFrom(one.train);
    const pca = fitPca(train, one.numComponents);
    assert.equal(pca.components.numRows, one.numComponents, one.name);
    assertClose(pca.explainedVariance, truth.explainedVariance, 1e-9, `${one.name}: explained variance`);
    const angle = largestAngle(pca.components, matrixFrom(truth.components));
    assert.ok(angle < 1e-6, `${one.name}: subspaces differ by ${angle} rad`);
    const scaler = fitScaler(applyPca(pca, train));
    assertClose(scaler.deviation, truth.scale, 1e-9, `${one.name}: scale`);
    const features = applyScaler(scaler, applyPca(pca, train));
    const tested = applyScaler(scaler, applyPca(pca, matrixFrom(one.test)));
    for (const [place, model] of fitRidge(features, Float64Array.from(one.targets), one.penalties).entries()) {
      const { predicted, penalty } = truth.models[place]!;
      assertClose(predict(model, tested), predicted, 1e-7, `${one.name}: penalty ${penalty}`);
    }
  }
});

test("the sgd probe equals PyTorch's linear layer and SGD from the same first weights and orders", { skip }, () => {
  const seed = 3;
  const cases = [randomCase(1), randomCase(2)].map((one) => {
    const layer = randomFor(seed, "probe layer");
    const bound = 1 / Math.sqrt(one.numComponents);
    return {
      ...one,
      initial: Array.from({ length: one.numComponents + 1 }, () => layer.uniformBetween(-bound, bound)),
      orders: Array.from({ length: SGD_SETTINGS.numEpochs }, (_, epoch) =>
        Array.from(randomFor(seed, "probe order", epoch).permutation(one.train.length)),
      ),
      learningRate: 1e-3,
      weightDecay: 1e-5,
      batchSize: 64,
    };
  });
  for (const [index, truth] of truthOf(cases).entries()) {
    const one = cases[index]!;
    const pca = fitPca(matrixFrom(one.train), one.numComponents);
    const turned = applyPca(pca, matrixFrom(one.train));
    // scikit-learn's signs: its weights belong to its components.
    const signs = truth.components.map((component, k) => {
      const ours = pca.components.data.subarray(k * component.length, (k + 1) * component.length);
      return Math.sign(ours.reduce((sum, value, column) => sum + value * component[column]!, 0));
    });
    const features = applyScaler(fitScaler(turned), turned);
    const signed = { ...features, data: features.data.map((value, place) => value * signs[place % signs.length]!) };
    const { weights, intercept } = fitLinearBySgd(signed, Float64Array.from(one.targets), seed);
    assertClose([...weights, intercept], [...truth.sgd!.weights, truth.sgd!.intercept], 1e-7, one.name);
  }
});

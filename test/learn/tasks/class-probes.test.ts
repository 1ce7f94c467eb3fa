// The classifiers, count regressions and their metrics beside scikit-learn and SciPy, and what they do with rows that tell nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import type { Matrix } from "#learn/embeddings";
import {
  CLASS_SGD_SETTINGS,
  type ClassModel,
  chooseLogisticPenalty,
  classScores,
  expectedCounts,
  fitClassesBySgd,
  fitCounts,
  fitDispersion,
  fitLogistic,
  fitNegativeBinomial,
  fitPoisson,
  knnClasses,
  predictClasses,
  wilsonInterval,
} from "#learn/tasks";
import { assertClose } from "../../compare.ts";
import { CLASS_FIXTURES, checkCounts, checkIntervals, checkLogistic, checkMetrics, checkNeighbours } from "../class-cases.ts";
import { matrixFrom } from "../probe-cases.ts";

const CHECKS = [
  ["logistic regression has scikit-learn's optimum and labels", checkLogistic],
  ["neighbours vote as scikit-learn's do with DINO's weights", checkNeighbours],
  ["confusion matrix, recall, precision and F1 are scikit-learn's", checkMetrics],
  ["Wilson's interval and McNemar's p are SciPy's", checkIntervals],
  ["Poisson and negative binomial regression have scikit-learn's and SciPy's optimum", checkCounts],
] as const;

for (const [index, one] of CLASS_FIXTURES.cases.entries()) {
  for (const [claim, check] of CHECKS) {
    test(`${claim}, for ${one.name}`, () => check(one, CLASS_FIXTURES.results[index]!));
  }
}

test("a class that is never predicted has F1 0, one that never occurs leaves the mean recall alone", () => {
  // Truth: 3 of class 0, 2 of class 1, none of class 2; all predicted as 0.
  const { error, balancedAccuracy, macroF1, f1, recall } = classScores(Float64Array.of(3, 0, 0, 2, 0, 0, 0, 0, 0));
  assert.ok(Math.abs(error - 0.4) < 1e-15);
  assert.deepEqual([balancedAccuracy, recall[0], recall[1], f1[1]], [0.5, 1, 0, 0]);
  assert.equal(macroF1, (2 * 3) / 8 / 2);
});

test("an error of none or of all has an interval that is open to one side alone", () => {
  const [none, all] = [wilsonInterval(0, 20), wilsonInterval(20, 20)];
  // 1.96² / (n + 1.96²), the end of Wilson's interval at 0.
  assert.equal(none[0], 0);
  assertClose([none[1]], [3.8414588 / 23.8414588], 1e-7, "upper end");
  assertClose([all[0]], [20 / 23.8414588], 1e-7, "lower end");
  assert.equal(all[1], 1);
  assert.throws(() => wilsonInterval(0, 0), { message: "wilsonInterval: expected at least 1 row, got 0." });
});

test("of equally near neighbours the earlier row votes, of equal votes the first class wins", () => {
  const train = matrixFrom([
    [1, 0],
    [1, 0],
    [0, 1],
    [0, 1],
  ]);
  const [one, two] = knnClasses(train, [1, 0, 0, 1], 2, matrixFrom([[1, 0]]), [1, 2]);
  assert.deepEqual([one![0], two![0]], [1, 0]);
});

test("classes that a line tells apart wholly are still fitted, and told apart", () => {
  const x = matrixFrom([[-3], [-2], [-1], [1], [2], [3]]);
  const [model] = fitLogistic(x, [0, 0, 0, 1, 1, 1], 2, [1e-6]);
  assert.deepEqual([...predictClasses(model!, x)], [0, 0, 0, 1, 1, 1]);
  assert.ok(Number.isFinite(model!.weights.data[0]!));
});

test("the chosen penalty is the one with the least log loss over the inner test rows, computed row by row", () => {
  const [one] = CLASS_FIXTURES.cases;
  const x = matrixFrom(one!.train);
  const penalties = [100, 10, 1, 0.1];
  const rows = one!.classes.map((_, row) => row);
  const folds = [0, 1, 2].map((fold) => ({
    name: `${fold}`,
    train: rows.filter((row) => row % 3 !== fold),
    test: rows.filter((row) => row % 3 === fold),
  }));
  const losses = penalties.map((penalty) =>
    folds.reduce((sum, fold) => {
      const part = matrixFrom(fold.train.map((row) => one!.train[row]!));
      const [{ weights, intercepts }] = fitLogistic(
        part,
        fold.train.map((row) => one!.classes[row]!),
        2,
        [penalty],
      ) as [ClassModel];
      const odds = (row: number) =>
        intercepts[0]! + one!.train[row]!.reduce((all, value, k) => all + value * weights.data[k]!, 0);
      const lossOf = (row: number) => Math.log(1 + Math.exp(one!.classes[row] === 1 ? -odds(row) : odds(row)));
      return sum + fold.test.reduce((all, row) => all + lossOf(row), 0);
    }, 0),
  );
  const best = penalties[losses.indexOf(Math.min(...losses))]!;
  assert.equal(chooseLogisticPenalty(x, one!.classes, 2, folds, penalties), best);
  assert.ok(best < 100 && best > 0.1, `the case should have its best penalty inside the list, got ${best}`);
});

test("a huge penalty leaves the intercept free: the log odds of the classes, and the commoner one is predicted", () => {
  const random = randomFor(71, "nothing");
  const x = matrixFrom(Array.from({ length: 60 }, () => [random.normal(), random.normal()]));
  const classes = Array.from({ length: 60 }, (_, row) => (row % 3 === 0 ? 1 : 0));
  const [model] = fitLogistic(x, classes, 2, [1e9]);
  assert.deepEqual([...new Set(predictClasses(model!, x))], [0]);
  assertClose([model!.intercepts[0]!], [Math.log(20 / 40)], 1e-6, "intercept");
});

/** The paper's classifier, written out: one number at a time. */
function plainSgd(x: Matrix, classes: readonly number[], seed: number): number[] {
  const K = x.numColumns;
  const random = randomFor(seed, "probe layer");
  const w = Array.from({ length: K + 1 }, () => (2 * random.uniform() - 1) / Math.sqrt(K));
  for (let epoch = 0; epoch < 300; epoch++) {
    const order = Array.from(randomFor(seed, "probe order", epoch).permutation(x.numRows));
    while (order.length > 0) {
      const batch = order.splice(0, 16);
      const slope = w.map(() => 0);
      for (const row of batch) {
        const features = [...x.data.subarray(row * K, (row + 1) * K), 1];
        const odds = features.reduce((sum, value, k) => sum + value * w[k]!, 0);
        const error = 1 / (1 + Math.exp(-odds)) - classes[row]!;
        for (const [k, value] of features.entries()) slope[k]! += (error * value) / batch.length;
      }
      for (let k = 0; k <= K; k++) w[k]! -= 0.005 * slope[k]!;
    }
  }
  return w;
}

test("the sgd classifier equals the paper's settings written out as loops", () => {
  assert.deepEqual(CLASS_SGD_SETTINGS, { learningRate: 5e-3, batchSize: 16, numEpochs: 300 });
  const [one] = CLASS_FIXTURES.cases;
  const x = matrixFrom(one!.train);
  const { weights, intercepts } = fitClassesBySgd(x, one!.classes, 2, 5);
  assertClose([...weights.data, intercepts[0]!], plainSgd(x, one!.classes, 5), 1e-9, "weights and intercept");
});

test("counts of a Poisson law bring no dispersion, and the negative binomial fit is then Poisson's", () => {
  const random = randomFor(72, "poisson");
  const means = Array.from({ length: 400 }, () => 5);
  // Knuth's draw: factors of uniform numbers until e^-mean is passed.
  const draw = (mean: number) => {
    let [count, product] = [-1, 1];
    while (product > Math.exp(-mean)) {
      product *= random.uniform();
      count += 1;
    }
    return count;
  };
  const counts = means.map(draw);
  assert.ok(fitDispersion(counts, means) < 0.03, `${fitDispersion(counts, means)}`);
  const even = Float64Array.from({ length: 30 }, () => 4);
  assert.equal(fitDispersion(even, even), 0);
  const x = matrixFrom(Array.from(even, () => [random.normal()]));
  const folds = [{ name: "a", train: [...Array(20).keys()], test: [20, 21, 22, 23, 24, 25, 26, 27, 28, 29] }];
  const poisson = fitPoisson(x, even, folds);
  assert.equal(fitNegativeBinomial(x, even, folds, poisson), poisson);
  assertClose(expectedCounts(poisson, x), even, 1e-6, "expected counts");
});

test("counts that are all zero are expected to be zero", () => {
  const x = matrixFrom([[1], [2], [3]]);
  const [model] = fitCounts(x, Float64Array.of(0, 0, 0), 0, [1]);
  assert.ok([...expectedCounts(model!, x)].every((count) => count < 1e-9));
});

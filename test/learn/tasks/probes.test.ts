// The probes beside scikit-learn's ridge, and beside SGD written out as plain loops.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { applyPca, fitPca, type Matrix, selectRows } from "#learn/embeddings";
import {
  applyScaler,
  choosePenalty,
  countMoments,
  countScores,
  fitFoldFeatures,
  fitLinearBySgd,
  fitRidge,
  fitScaler,
  numComponentsFor,
  predict,
  SGD_SETTINGS,
} from "#learn/tasks";
import { assertClose } from "../../compare.ts";
import { cropRecord, tableOf } from "../crop-sets.ts";
import { matrixFrom, PROBE_FIXTURES, type ProbeCase, rowOf } from "../probe-cases.ts";

/** Standardised components of both parts, as the fixture's pipeline makes them. */
function featuresOf(one: ProbeCase): { readonly train: Matrix; readonly test: Matrix } {
  const pca = fitPca(matrixFrom(one.train), one.numComponents);
  const train = applyPca(pca, matrixFrom(one.train));
  const scaler = fitScaler(train);
  return { train: applyScaler(scaler, train), test: applyScaler(scaler, applyPca(pca, matrixFrom(one.test))) };
}

for (const [index, one] of PROBE_FIXTURES.cases.entries()) {
  const truth = PROBE_FIXTURES.results[index]!;

  test(`ridge on standardised components predicts as scikit-learn's pipeline does where there are ${one.name}`, () => {
    const features = featuresOf(one);
    const models = fitRidge(features.train, Float64Array.from(one.targets), one.penalties);
    for (const [place, model] of models.entries()) {
      assertClose(predict(model, features.test), truth.models[place]!.predicted, 1e-9, `penalty ${one.penalties[place]}`);
    }
  });

  test(`scores are scikit-learn's where there are ${one.name}`, () => {
    for (const { predicted, meanSquaredError, meanAbsoluteError, r2, calibrationSlope } of truth.models) {
      const sums = new Float64Array(countMoments(0, 0, false).length);
      for (const [row, value] of predicted.entries()) {
        for (const [moment, sum] of countMoments(one.testTargets[row]!, value, false).entries()) sums[moment]! += sum;
      }
      const scores = countScores(sums);
      const wanted = {
        meanSquaredError,
        rootMeanSquaredError: Math.sqrt(meanSquaredError),
        meanAbsoluteError,
        r2,
        calibrationSlope,
        meanSquaredErrorWithoutOutliers: meanSquaredError,
      };
      for (const [name, value] of Object.entries(wanted))
        assertClose([scores[name as keyof typeof wanted]], [value], 1e-10, name);
    }
  });
}

test("predictions that all but stand still have no slope, those that deviate by a hundredth of the truth have one", () => {
  const slopeOf = (scale: number) => {
    const sums = new Float64Array(countMoments(0, 0, false).length);
    for (const truth of [1, 2, 3, 6])
      for (const [moment, sum] of countMoments(truth, 4 + scale * truth, false).entries()) sums[moment]! += sum;
    return countScores(sums).calibrationSlope;
  };
  assertClose([slopeOf(0.01)], [100], 1e-9, "a hundredth");
  assert.ok(Number.isNaN(slopeOf(1e-4)) && Number.isNaN(slopeOf(0)));
});

test("standardised training columns have mean 0 and deviation 1; a constant column stays 0", () => {
  const x = matrixFrom([
    [1, 5],
    [3, 5],
    [8, 5],
  ]);
  const { data } = applyScaler(fitScaler(x), x);
  const column = [0, 2, 4].map((index) => data[index]!);
  assert.ok(Math.abs(column.reduce((sum, value) => sum + value, 0)) < 1e-12);
  assert.ok(Math.abs(column.reduce((sum, value) => sum + value * value, 0) / 3 - 1) < 1e-12);
  assert.deepEqual(
    [1, 3, 5].map((index) => data[index]!),
    [0, 0, 0],
  );
});

test("a huge penalty predicts the training mean, none at all the least-squares line", () => {
  const x = matrixFrom([[0], [1], [2], [3]]);
  const [free, held] = fitRidge(x, Float64Array.of(1, 3, 5, 7), [0, 1e15]);
  assertClose(predict(free!, matrixFrom([[10]])), [21], 1e-12, "line");
  assertClose(predict(held!, matrixFrom([[10]])), [4], 1e-12, "mean");
});

test("with fewer rows than columns the fit is the minimum too: no weight and no intercept pulls any more", () => {
  const random = randomFor(5, "wide rows");
  const rows = Array.from({ length: 6 }, () => Array.from({ length: 15 }, () => 3 + random.normal()));
  const y = Float64Array.from(rows, () => random.normal());
  const penalties = [1e-3, 0.5, 20];
  for (const [index, model] of fitRidge(matrixFrom(rows), y, penalties).entries()) {
    const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
    const predicted = predict(model, matrixFrom(rows));
    assertClose([sumOf(predicted)], [sumOf(y)], 1e-10, "intercept");
    const left = y.map((value, row) => value - predicted[row]!);
    // The gradient of |y - b - Xw|^2 + penalty |w|^2 is zero: X'(y - b - Xw) = penalty w.
    const pulls = model.weights.map((_, column) => left.reduce((sum, value, row) => sum + value * rows[row]![column]!, 0));
    assertClose(
      pulls,
      Array.from(model.weights, (weight) => penalties[index]! * weight),
      1e-9,
      `penalty ${penalties[index]}`,
    );
  }
});

test("the chosen penalty is the one with the least error over the inner test rows, computed row by row", () => {
  const one = PROBE_FIXTURES.cases[0]!;
  const { train } = featuresOf(one);
  const y = Float64Array.from(one.targets);
  const penalties = [0.1, 1, 10, 100, 1000];
  const folds = [0, 1, 2].map((fold) => {
    const rows = Array.from(y.keys());
    return { name: `${fold}`, train: rows.filter((row) => row % 3 !== fold), test: rows.filter((row) => row % 3 === fold) };
  });
  const errors = penalties.map((penalty) => {
    let error = 0;
    for (const fold of folds) {
      const [model] = fitRidge(
        selectRows(train.data, train.numColumns, fold.train),
        Float64Array.from(fold.train, (row) => y[row]!),
        [penalty],
      );
      for (const row of fold.test)
        error += (predict(model!, { numRows: 1, numColumns: train.numColumns, data: rowOf(train, row) })[0]! - y[row]!) ** 2;
    }
    return error;
  });
  const best = penalties[errors.indexOf(Math.min(...errors))]!;
  assert.equal(choosePenalty(train, y, folds, penalties), best);
  assert.ok(best > 0.1 && best < 1000, "the case should have its best penalty inside the list");
});

test("where every penalty is as good as another the largest is chosen", () => {
  const x = { numRows: 4, numColumns: 0, data: new Float64Array(0) };
  const folds = [{ name: "a", train: [0, 1], test: [2, 3] }];
  assert.equal(choosePenalty(x, Float64Array.of(1, 2, 3, 4), folds, [1, 10, 100]), 100);
});

/** The paper's probe, written out: one layer, mean squared error, plain SGD, one number at a time. */
function plainSgd(x: Matrix, y: Float64Array, seed: number): number[] {
  const K = x.numColumns;
  const N = x.numRows;
  const mean = y.reduce((sum, value) => sum + value) / N;
  const deviation = Math.sqrt(y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / N);
  const random = randomFor(seed, "probe layer");
  const w = Array.from({ length: K }, () => (2 * random.uniform() - 1) / Math.sqrt(K));
  let b = (2 * random.uniform() - 1) / Math.sqrt(K);
  for (let epoch = 0; epoch < 100; epoch++) {
    const order = Array.from(randomFor(seed, "probe order", epoch).permutation(N));
    while (order.length > 0) {
      const batch = order.splice(0, 64);
      const dw = w.map(() => 0);
      let db = 0;
      for (const row of batch) {
        const error = b + w.reduce((sum, weight, k) => sum + weight * x.data[row * K + k]!, 0) - (y[row]! - mean) / deviation;
        for (let k = 0; k < K; k++) dw[k]! += (2 * error * x.data[row * K + k]!) / batch.length;
        db += (2 * error) / batch.length;
      }
      for (let k = 0; k < K; k++) w[k] = w[k]! - 0.001 * (dw[k]! + 1e-5 * w[k]!);
      b -= 0.001 * (db + 1e-5 * b);
    }
  }
  return [...w.map((weight) => weight * deviation), b * deviation + mean];
}

test("the sgd probe equals the paper's settings written out as loops", () => {
  assert.deepEqual(SGD_SETTINGS, { learningRate: 1e-3, weightDecay: 1e-5, batchSize: 64, numEpochs: 100 });
  const random = randomFor(4, "sgd case");
  const x = matrixFrom(Array.from({ length: 150 }, () => [random.normal(), random.normal(), random.normal()]));
  const y = Float64Array.from(
    { length: 150 },
    (_, row) => 20 + 3 * x.data[row * 3]! - 2 * x.data[row * 3 + 2]! + random.normal(),
  );
  const { weights, intercept } = fitLinearBySgd(x, y, 7);
  assertClose([...weights, intercept], plainSgd(x, y, 7), 1e-10, "weights and intercept");
  assert.notDeepEqual(fitLinearBySgd(x, y, 8).weights, weights);
});

test("components are a tenth of the training rows, at least 1, at most the paper's 100", () => {
  assert.deepEqual([5, 10, 255, 999, 1000, 20000].map(numComponentsFor), [1, 1, 25, 99, 100, 100]);
});

test("test rows touch nothing that is fitted: other test rows change no feature of a training row", () => {
  const random = randomFor(9, "leak case");
  const vectors = Array.from({ length: 60 }, () => Array.from({ length: 8 }, () => random.normal()));
  const records = vectors.map((_, row) => cropRecord({ id: `${row}` }));
  const fold = {
    name: "f",
    train: Array.from({ length: 40 }, (_, row) => row),
    test: Array.from({ length: 20 }, (_, row) => 40 + row),
  };
  const spoilt = vectors.map((vector, row) => (row > 40 ? vector.map((value) => 1000 * value) : vector));
  const clean = fitFoldFeatures(tableOf("a", records, vectors), fold);
  const other = fitFoldFeatures(tableOf("a", records, spoilt), fold);
  assert.equal(clean.numComponents, 4);
  assert.deepEqual(other.train, clean.train);
  assert.deepEqual(rowOf(other.test, 0), rowOf(clean.test, 0));
  assert.notDeepEqual(rowOf(other.test, 1), rowOf(clean.test, 1));
});

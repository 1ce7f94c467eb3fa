// Losses of supervised training against plain sums, their gradients against the textbook's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gradients } from "#engine/autodiff";
import { Graph, named } from "#engine/graph";
import { crossEntropy, meanSquaredError, oneHot } from "#engine/nn";
import { assertClose } from "../../compare.ts";
import { evaluated, hostTensor } from "../host-tensors.ts";

const LOGITS = [
  [0.3, -1.2, 2.5],
  [4, 0.1, 0.2],
];
const LABELS = [2, 1];

const softmaxOf = (row: readonly number[]) => {
  const sum = row.reduce((total, value) => total + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / sum);
};

for (const labelSmoothing of [0, 0.1]) {
  test(`cross-entropy with labels smoothed by ${labelSmoothing} is the mean of -t log p, its gradient (p - t) over the rows`, () => {
    const found = evaluated(
      { logits: hostTensor([2, 3], LOGITS.flat()), targets: hostTensor([2, 3], Array.from(oneHot(LABELS, 3).data)) },
      ({ logits, targets }) => {
        const loss = crossEntropy(named(logits!, "R K", ""), named(targets!, "R K", ""), { labelSmoothing });
        return { loss, gradient: gradients(loss, [logits!])[0]! };
      },
    );
    const target = (row: number, column: number) => (column === LABELS[row] ? 1 - labelSmoothing : 0) + labelSmoothing / 3;
    let loss = 0;
    const gradient: number[] = [];
    for (const [row, logits] of LOGITS.entries()) {
      for (const [column, p] of softmaxOf(logits).entries()) {
        loss -= (target(row, column) * Math.log(p)) / 2;
        gradient.push((p - target(row, column)) / 2);
      }
    }
    assertClose(found.get("loss")!.data, [loss], 1e-7, "loss");
    assertClose(found.get("gradient")!.data, gradient, 1e-7, "gradient");
  });
}

test("the mean squared error is over all numbers, its gradient twice the difference over their count", () => {
  const [predictions, targets] = [
    [1, 2.5, -3],
    [0, 2, 1],
  ];
  const found = evaluated({ predictions: hostTensor([3, 1], predictions!), targets: hostTensor([3, 1], targets!) }, (inputs) => {
    const loss = meanSquaredError(named(inputs["predictions"]!, "R K", ""), named(inputs["targets"]!, "R K", ""));
    return { loss, gradient: gradients(loss, [inputs["predictions"]!])[0]! };
  });
  assertClose(found.get("loss")!.data, [(1 + 0.25 + 16) / 3], 1e-12, "loss");
  // The third is a constant of the graph, rounded to float32.
  assertClose(found.get("gradient")!.data, [2 / 3, 1 / 3, -8 / 3], 1e-7, "gradient");
});

test("a label that is no class and targets of another shape are refused", () => {
  assert.throws(() => oneHot([0, 3], 3), /^ShapeError: oneHot: row 1: expected a class from 0 to 2, got 3\.$/);
  const graph = new Graph("losses");
  const [logits, targets] = [named(graph.input("logits", [2, 3]), "R K", ""), named(graph.input("targets", [2, 1]), "R K", "")];
  const message = /^ShapeError: crossEntropy: expected targets \[2,3\] as there are predictions, got \[2,1\]\.$/;
  assert.throws(() => crossEntropy(logits, targets), message);
  assert.throws(() => meanSquaredError(logits, targets), /^ShapeError: meanSquaredError: expected targets \[2,3\]/);
});

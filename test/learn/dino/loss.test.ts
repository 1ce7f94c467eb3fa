// The DINO loss as graph nodes, against plain loops over a grid of view counts and temperatures; and its laws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import { gradients } from "#engine/autodiff";
import { hostTensorOf, named } from "#engine/graph";
import { dinoLoss, dinoTargets, movingAverage, numViewPairs, pairWeights } from "#learn/dino";
import { assertClose, lengthOf } from "../../compare.ts";
import { evaluated, hostTensor } from "../../engine/host-tensors.ts";
import { type Logits, plainDinoLoss, plainMovingAverage } from "./plain-dino.ts";

const K = 11;
const B = 3;

interface Sample {
  readonly student: Logits[];
  readonly teacher: Logits[];
  readonly center: number[];
}

function sampleLogits(numGlobalViews: number, numLocalViews: number): Sample {
  const random = randomFor(4, "loss test", numGlobalViews, numLocalViews);
  const row = () => Array.from({ length: K }, () => random.uniformBetween(-1, 1));
  const views = (count: number) => Array.from({ length: count }, () => Array.from({ length: B }, row));
  return { student: views(numGlobalViews + numLocalViews), teacher: views(numGlobalViews), center: row() };
}

const flat = (views: readonly Logits[]): number[] => views.flat(2);

/** Everything the graph's loss says, by name, with its gradients by the student's and the teacher's logits. */
function graphLoss({ student, teacher, center }: Sample, temperatures: { readonly student: number; readonly teacher: number }) {
  const counts = { batchSize: B, numGlobalViews: teacher.length, numLocalViews: student.length - teacher.length };
  const feeds = {
    weights: hostTensorOf(pairWeights(counts, { first: 0, count: student.length * B })),
    student: hostTensor([student.length * B, K], flat(student)),
    teacher: hostTensor([teacher.length * B, K], flat(teacher)),
    center: hostTensor([1, K], center),
    teacherTemperature: hostTensor([], [temperatures.teacher]),
  };
  return evaluated(feeds, (inputs) => {
    const targets = dinoTargets({
      teacher: named(inputs["teacher"]!, "R K", "teacher"),
      center: named(inputs["center"]!, "one K", "center"),
      teacherTemperature: inputs["teacherTemperature"]!,
    });
    const rows = named(inputs["student"]!, "R K", "student");
    const loss = dinoLoss(rows, targets.probabilities, inputs["weights"]!, temperatures.student);
    const [byStudent] = gradients(loss, [rows]);
    return { ...targets, loss, byStudent: byStudent! };
  });
}

const viewCounts: readonly (readonly [number, number])[] = [
  [2, 0],
  [1, 1],
  [2, 2],
  [2, 8],
  [3, 4],
];
const temperatureGrid = [
  { student: 0.1, teacher: 0.04 },
  { student: 0.1, teacher: 0.07 },
  { student: 1, teacher: 1 },
  { student: 0.05, teacher: 0.5 },
];

for (const [numGlobal, numLocal] of viewCounts) {
  for (const temperatures of temperatureGrid) {
    test(`the loss of ${numGlobal} + ${numLocal} views at temperatures ${temperatures.student} and ${temperatures.teacher} is the plain loops'`, () => {
      const sample = sampleLogits(numGlobal, numLocal);
      const wanted = plainDinoLoss(sample.student, sample.teacher, sample.center, temperatures);
      const got = graphLoss(sample, temperatures);
      // Numbers in a graph are float32 constants (1 / temperature, 1 / images): 1e-6 covers their rounding.
      assertClose(got.get("loss")!.data, [wanted.loss], 1e-6, "loss");
      assertClose(got.get("byStudent")!.data, wanted.studentGradient.flat(2), 1e-6, "gradient by the student's logits");
      assertClose(got.get("teacherEntropy")!.data, [wanted.teacherEntropy], 1e-6, "teacher entropy", 1e-3);
      assertClose(got.get("batchCenter")!.data, wanted.batchCenter, 1e-12, "batch center");
      assert.ok(lengthOf(got.get("byStudent")!.data) > 1e-3);
    });
  }
}

test("weights of some rows are those rows of all weights, and a batch's add up to its share", () => {
  const counts = { batchSize: 3, numGlobalViews: 2, numLocalViews: 4 };
  const all = pairWeights(counts, { first: 0, count: 18, share: 0.25 });
  const some = pairWeights(counts, { first: 4, count: 5, share: 0.25 });
  assert.deepEqual(some.shape, [5, 6]);
  assert.deepEqual([...some.data], [...all.data.subarray(4 * 6, 9 * 6)]);
  const weights = [...all.data];
  assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 0.25) < 1e-6);
  // Row 4 is image 1 of the second global view: it learns from the first view's image 1 alone. Row 7 is local.
  assert.deepEqual(
    [4, 7].map((row) => weights.slice(row * 6, row * 6 + 6).map((weight) => weight > 0)),
    [
      [false, true, false, false, false, false],
      [false, true, false, false, true, false],
    ],
  );
});

test("two global and eight local views make eighteen pairs", () => {
  assert.equal(numViewPairs(2, 8), 18);
  assert.equal(numViewPairs(2, 0), 2);
});

test("the loss ignores the order of the images in a batch", () => {
  const sample = sampleLogits(2, 3);
  const reversed = {
    ...sample,
    student: sample.student.map((view) => view.toReversed()),
    teacher: sample.teacher.map((view) => view.toReversed()),
  };
  const temperatures = { student: 0.1, teacher: 0.04 };
  assertClose(
    graphLoss(reversed, temperatures).get("loss")!.data,
    graphLoss(sample, temperatures).get("loss")!.data,
    1e-12,
    "loss",
  );
});

test("the loss ignores the order of the local views but not which views are global", () => {
  const { student, teacher, center } = sampleLogits(2, 3);
  const lossOf = (order: readonly number[]) =>
    graphLoss({ student: order.map((view) => student[view]!), teacher, center }, { student: 0.1, teacher: 0.04 }).get("loss")!
      .data[0]!;
  assert.ok(Math.abs(lossOf([0, 1, 2, 3, 4]) - lossOf([0, 1, 4, 2, 3])) < 1e-9);
  assert.ok(Math.abs(lossOf([0, 1, 2, 3, 4]) - lossOf([2, 3, 0, 1, 4])) > 1e-3);
});

test("where every logit is the same, loss and teacher entropy are ln K", () => {
  const even = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: B }, () => new Array<number>(K).fill(0.3)));
  const got = graphLoss(
    { student: even(4), teacher: even(2), center: new Array<number>(K).fill(0) },
    { student: 0.1, teacher: 0.04 },
  );
  // Weights of pairs are float32.
  assert.ok(Math.abs(got.get("loss")!.data[0]! - Math.log(K)) < 1e-6);
  assert.ok(Math.abs(got.get("teacherEntropy")!.data[0]! - Math.log(K)) < 1e-9);
});

test("the loss is never below the teacher's entropy", () => {
  const sample = sampleLogits(2, 4);
  const got = graphLoss(sample, { student: 0.1, teacher: 0.1 });
  assert.ok(got.get("loss")!.data[0]! > got.get("teacherEntropy")!.data[0]!);
});

test("a teacher that has chosen one prototype has no entropy, and its gradient is finite", () => {
  const sample = sampleLogits(2, 2);
  const certain = sample.teacher.map((view) => view.map((row) => row.map((_, k) => (k === 0 ? 50 : 0))));
  const got = graphLoss({ ...sample, teacher: certain }, { student: 0.1, teacher: 0.04 });
  assert.ok(Math.abs(got.get("teacherEntropy")!.data[0]!) < 1e-12);
  assert.ok(got.get("byStudent")!.data.every(Number.isFinite));
});

for (const momentum of [0, 0.9, 1]) {
  test(`a moving average with momentum ${momentum} is the plain formula's`, () => {
    const { center, student } = sampleLogits(2, 2);
    const recent = [...student[0]![0]!];
    const feeds = {
      old: hostTensor([K], center),
      recent: hostTensor([K], recent),
      momentum: hostTensor([], [momentum]),
      rest: hostTensor([], [1 - momentum]),
    };
    const average = evaluated(feeds, (inputs) => ({
      average: movingAverage(inputs["old"]!, inputs["recent"]!, inputs["momentum"]!, inputs["rest"]!),
    })).get("average")!.data;
    assertClose(average, plainMovingAverage(center, recent, momentum), 1e-15, "average");
    // Momentum 1 freezes the teacher, momentum 0 copies the student.
    if (momentum === 1) assert.deepEqual([...average], center);
    if (momentum === 0) assert.deepEqual([...average], recent);
  });
}

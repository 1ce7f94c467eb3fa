// Steps in 16 bits and steps that compute blocks twice: the same gradients, within what they cost.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor } from "#base/array";
import { readSafetensors } from "#base/files/disk";
import { type Graph, neededNodes } from "#engine/graph";
import { OPTIMISERS, resnetConfigSchema } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import {
  buildPassGraph,
  buildTargetGraph,
  checkPrecision,
  type DinoConfig,
  initialState,
  passKinds,
  type StepBatch,
  type StepShape,
  type TrainingState,
} from "#learn/dino";
import { type GradientReport, lossScaler, openTrainingStep } from "#learn/dino/native";
import { assertClose } from "../../compare.ts";
import { projectRoot } from "../../real-data.ts";
import { dinoConfigOf, stepBatchesOf, stepCaseOf, stepSettingsOf, stepShapeOf, trainingStateOf } from "./step-case.ts";

const fixture = readSafetensors(join(projectRoot, "test", "fixtures", "dino-step", "large-2x3-adamw.safetensors"));
const step = stepCaseOf(fixture);

interface Taken {
  readonly report: GradientReport;
  readonly state: TrainingState;
}

/** One step of a configuration, from a state of its own. */
async function taken(config: DinoConfig, state: TrainingState, batch: StepBatch): Promise<Taken> {
  const device = openDevice({ numThreads: 2 });
  try {
    const training = await openTrainingStep(device, config, state);
    const report = await training.gradients([batch], stepSettingsOf(step));
    await training.update(state.counters, stepSettingsOf(step));
    await training.settle();
    return { report, state };
  } finally {
    device.close();
  }
}

const VIT_CONFIG = { ...dinoConfigOf(step), dropPathRate: 0.1 };
const vitState = () => trainingStateOf(step, fixture, OPTIMISERS[step.optimiser].stateNames);
const [vitBatch] = stepBatchesOf(step, fixture) as [StepBatch];

const RESNET_CONFIG: DinoConfig = {
  ...dinoConfigOf({ ...step, numLocalViews: 2, globalViewSize: 32, localViewSize: 16 }),
  backbone: resnetConfigSchema.parse({ kind: "resnet", depth: 18, width: 4, stemStride: 1, imageSize: 32 }),
  optimiser: "sgd",
};
const resnetState = () => initialState(RESNET_CONFIG, "sgd", 4);
const views = (name: string, numViews: number, side: number) => {
  const shape = [numViews * step.batchSize, 1, side, side];
  // Waves of another direction and length in every picture: noise would look the same to an untrained network.
  const random = randomFor(5, name);
  const pixels = Array.from({ length: shape[0]! }, () => {
    const [down, along, phase] = [2 * random.uniform(), 2 * random.uniform(), 6 * random.uniform()];
    return Array.from(
      { length: side * side },
      (_, i) => 0.5 + 0.5 * Math.sin(down * Math.floor(i / side) + along * (i % side) + phase),
    );
  });
  return [name, ndArray("float32", shape, Float32Array.from(pixels.flat()))] as const;
};
const resnetBatch: StepBatch = new Map([views("globalViews", 2, 32), views("localViews", 2, 16)]);

const CASES = [
  ["a transformer", VIT_CONFIG, vitState, vitBatch],
  ["a ResNet", RESNET_CONFIG, resnetState, resnetBatch],
] as const;

/** What a step moves the student's tensors by. */
function movesOf({ state }: Taken, before: TrainingState): Map<string, Float32Array> {
  const moved = [...state.arrays].filter(([name]) => name.startsWith("student."));
  return new Map(
    moved.map(([name, { data }]) => [name, data.map((value, index) => value - before.arrays.get(name)!.data[index]!)]),
  );
}

for (const [what, config, stateOf, batch] of CASES) {
  /** In 32 bits, with every block computed once: what the others are compared with. */
  let plainStep: Promise<Taken> | undefined;
  const plain = () => {
    plainStep ??= taken(config, stateOf(), batch);
    return plainStep;
  };

  test(`${what} whose blocks are computed twice has the same loss and makes the same step`, async () => {
    const kept = await plain();
    const again = await taken({ ...config, recompute: "blocks" }, stateOf(), batch);
    assert.equal(again.report.loss, kept.report.loss);
    assertClose([again.report.gradientNorm], [kept.report.gradientNorm], 1e-6, "gradient norm");
    for (const [name, { data }] of kept.state.arrays) assertClose(again.state.arrays.get(name)!.data, data, 1e-6, name);
  });

  test(`${what} in 16 bits has a loss and gradients near those of 32 bits`, async () => {
    const exact = await plain();
    const half = await taken({ ...config, precision: "float16" }, stateOf(), batch);
    // Embeddings are off by some 3e-3 (steps of 1e-3 of their size, through 20 layers), which temperatures of 0.1 and 0.05 enlarge.
    assertClose([half.report.loss], [exact.report.loss], 2e-2, "loss");
    assertClose([half.report.gradientNorm], [exact.report.gradientNorm], 5e-2, "gradient norm");
    assert.notEqual(half.report.gradientNorm, exact.report.gradientNorm);
    if (config.optimiser !== "sgd") return; // AdamW's first step has the same length whatever the gradient
    const [wanted, got] = [movesOf(exact, stateOf()), movesOf(half, stateOf())];
    const flat = (moves: Map<string, Float32Array>) => Float32Array.from([...moves.values()].flatMap((values) => [...values]));
    assertClose(flat(got), flat(wanted), 5e-2, "the whole step");
  });
}

/** The teacher's graph, then one of each kind of pass. */
function graphsOf(options: Partial<StepShape>): readonly Graph[] {
  const shape = { ...stepShapeOf(step), ...options };
  return [buildTargetGraph(step, shape), ...passKinds(step, shape).map((kind) => buildPassGraph(step, shape, kind, "add"))];
}

test("in 16 bits the backbones' products are in 16 bits, the head, the loss and what comes out in 32", () => {
  const graphs = graphsOf({ precision: "float16" });
  const nodes = graphs.flatMap(neededNodes);
  const types = (pattern: RegExp) =>
    new Set(nodes.filter(({ name }) => pattern.test(name)).map(({ outputs }) => outputs[0]!.dtype));
  assert.deepEqual([...types(/^(student|teacher)\/blocks\.0\/(Gemm|MatMul|Softmax)/)], ["float16"]);
  assert.deepEqual([...types(/^(student|teacher)\/Gemm/)], ["float32"]);
  const outputs = graphs.flatMap((graph) => [...graph.outputs.values()]);
  assert.deepEqual([...new Set(outputs.map(({ dtype }) => dtype))], ["float32"]);
  for (const { inputs } of graphs.slice(1)) assert.ok(inputs.some(({ name }) => name === "lossScale"));
});

test("computing blocks twice adds their nodes to the way back, and none outside of them", () => {
  const count = (recompute: "none" | "blocks") =>
    graphsOf({ recompute })
      .flatMap(neededNodes)
      .filter(({ name }) => name.includes("recompute/"))
      .map(({ name }) => name);
  assert.deepEqual(count("none"), []);
  const added = count("blocks");
  assert.ok(
    added.some((name) => /student\/blocks\.1\/Gelu/.test(name)),
    added.slice(0, 5).join(),
  );
  assert.ok(added.every((name) => !/teacher\//.test(name)));
});

const report = (loss: number, gradientNorm: number): GradientReport => ({
  ...{ loss, gradientNorm, teacherEntropy: 1 },
  teacherEmbeddings: ndArray("float32", [1], new Float32Array(1)) as NdArray,
});

test("gradients that overflow are computed again at half the scale, which stays for the next step", async () => {
  const asked: number[] = [];
  const scaler = lossScaler();
  const gradientsAt = async (scale: number) => {
    asked.push(scale);
    return report(2, scale > 10_000 ? Number.POSITIVE_INFINITY : 0.5);
  };
  assert.equal((await scaler.scaled(gradientsAt)).gradientNorm, 0.5);
  await scaler.scaled(gradientsAt);
  assert.deepEqual(asked, [65536, 32768, 16384, 8192, 8192]);
});

test("a loss that is not finite, and a gradient that overflows at any scale, are handed on", async () => {
  const scaler = lossScaler();
  assert.ok(Number.isNaN((await scaler.scaled(async () => report(Number.NaN, Number.NaN))).loss));
  const asked: number[] = [];
  const found = await scaler.scaled(async (scale) => {
    asked.push(scale);
    return report(2, Number.NaN);
  });
  assert.ok(Number.isNaN(found.gradientNorm));
  assert.deepEqual([asked[0], asked.at(-1), asked.length], [65536, 1, 17]);
});

test("16 bits are refused on the processor, by name", () => {
  assert.throws(() => checkPrecision({ precision: "float16" }, "cpu"), {
    message:
      /^ConfigError: precision: expected float32 on the device cpu, whose ONNX Runtime has no arithmetic of 16 bits, got float16\. Use --device webgpu or cuda\.$/,
  });
  checkPrecision({ precision: "float16" }, "webgpu");
  checkPrecision({ precision: "float32" }, "cpu");
});

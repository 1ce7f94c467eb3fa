// Several DINO steps in a row through ONNX Runtime, each judged by PyTorch run live on the very state it began with.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import type { Safetensors } from "#base/files";
import { readSafetensors, writeSafetensors } from "#base/files/disk";
import { numDroppableBlocks, OPTIMISERS, type OptimiserName } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { networkBuffers, networkParameters, type StepBatch, sampleDropPathScales, type TrainingState } from "#learn/dino";
import { openTrainingStep } from "#learn/dino/native";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { assertClose } from "../compare.ts";
import {
  assertStateAfter,
  assertStudentAfter,
  dinoConfigOf,
  type StepCase,
  stepSettingsOf,
  trainingStateOf,
} from "../learn/dino/step-case.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["torch"]);
const script = join(projectRoot, "test", "reference", "dino_step.py");

const SMALL_STEM = { imageChannels: 1, stemKernelSize: 7, stemStride: 2, imageSize: 64 } as const;

const backbones = {
  "dim 32, 2 blocks, patches of 8": {
    imageChannels: 1,
    patchSize: 8,
    embedDim: 32,
    depth: 2,
    numHeads: 2,
    mlpRatio: 4,
    imageSize: 64,
  },
  "dim 48, 3 blocks, patches of 4": {
    imageChannels: 1,
    patchSize: 4,
    embedDim: 48,
    depth: 3,
    numHeads: 3,
    mlpRatio: 4,
    imageSize: 32,
  },
  "dim 32, 2 blocks, DINOv2's variants": {
    imageChannels: 1,
    patchSize: 8,
    embedDim: 32,
    depth: 2,
    numHeads: 2,
    mlpRatio: 4,
    imageSize: 64,
    numRegisters: 2,
    layerScale: 0.5,
    mlp: "swiglu",
    qkvBias: false,
    positionResize: "antialias",
  },
  "ResNet-18, 8 channels wide": { kind: "resnet", depth: 18, width: 8, ...SMALL_STEM, stemPooling: "max" },
  "ResNet-50, 4 channels wide, no pooling, standardised": {
    kind: "resnet",
    depth: 50,
    width: 4,
    ...SMALL_STEM,
    stemKernelSize: 3,
    stemPooling: "none",
    inputMean: 0.3,
    inputStd: 0.2,
  },
} as const;

const common = {
  head: { hiddenDim: 64, bottleneckDim: 24, numPrototypes: 300 },
  batchSize: 3,
  numGlobalViews: 2,
  globalViewSize: 64,
  localViewSize: 32,
  studentTemperature: 0.1,
  teacherTemperature: 0.05,
  teacherMomentum: 0.97,
  centerMomentum: 0.9,
  maxGradientNorm: 0.5,
};

/** The case of one of three steps: the prototypes are frozen in the first. */
function stepCase(
  backbone: StepCase["backbone"],
  numLocalViews: number,
  optimiser: StepCase["optimiser"],
  step: number,
): StepCase {
  return {
    ...common,
    backbone,
    numLocalViews,
    optimiser,
    learningRate: { adamw: 1e-3 * (step + 1), sgd: 0.02, lars: 0.3 }[optimiser],
    weightDecay: 0.04 + 0.1 * step,
    arePrototypesFrozen: step === 0,
    numUpdates: { decayed: step, undecayed: step, prototypes: Math.max(step - 1, 0) },
  };
}

/** First parameters that are far from linear, student and teacher apart, and nothing else. */
function sampleFile(step: StepCase, seed: number): Safetensors {
  const tensors = new Map<string, NdArray>();
  for (const { name, shape } of [...networkParameters(step), ...networkBuffers(step)]) {
    const random = randomFor(seed, name);
    const scale = shape.length === 2 || shape.length === 4 ? 1.2 / Math.sqrt(sizeOf(shape) / shape[0]!) : 0.2;
    const isSpread = shape.length === 1 && /(weight|running_var)$/.test(name);
    const student = Float32Array.from({ length: sizeOf(shape) }, () => Number(isSpread) + scale * random.normal());
    tensors.set(`student.${name}`, ndArray("float32", shape, student));
    tensors.set(
      `teacher.${name}`,
      ndArray(
        "float32",
        shape,
        student.map((value) => value + 0.1 * scale * random.normal()),
      ),
    );
  }
  return { tensors, metadata: {} };
}

function sampleBatch(step: StepCase, seed: number): StepBatch {
  const random = randomFor(seed, "views");
  const views = (count: number, size: number) => {
    const shape = [count * step.batchSize, 1, size, size];
    return ndArray(
      "float32",
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => random.uniform()),
    );
  };
  const images = [
    ["globalViews", views(step.numGlobalViews, step.globalViewSize)],
    ["localViews", views(step.numLocalViews, step.localViewSize)],
  ] as const;
  const depth = numDroppableBlocks(step.backbone);
  if (depth === 0) return new Map(images);
  const draw = { seed, epoch: 0, cropIndices: [4, 9, 2], depth, dropPathRate: 0.4 };
  return new Map([
    ...images,
    ["globalDropPath", sampleDropPathScales({ ...draw, firstView: 0, numViews: step.numGlobalViews })],
    ["localDropPath", sampleDropPathScales({ ...draw, firstView: step.numGlobalViews, numViews: step.numLocalViews })],
  ]);
}

/** One step of a run: its case, everything that went in, and what Suricate made of it. */
interface TakenStep {
  readonly step: StepCase;
  readonly arrays: ReadonlyMap<string, NdArray>;
  readonly before: TrainingState;
  readonly loss: number;
  readonly after: ReadonlyMap<string, Float32Array>;
}

/** Three steps in a row on one state, each written down. */
async function threeSteps(backbone: StepCase["backbone"], numLocalViews: number, optimiser: OptimiserName): Promise<TakenStep[]> {
  const steps = [0, 1, 2].map((index) => stepCase(backbone, numLocalViews, optimiser, index));
  const { stateNames } = OPTIMISERS[optimiser];
  const state = trainingStateOf(steps[0]!, sampleFile(steps[0]!, numLocalViews), stateNames);
  const device = openDevice({ device: "cpu", numThreads: 2 });
  const taken: TakenStep[] = [];
  try {
    const training = await openTrainingStep(device, dinoConfigOf(steps[0]!), state);
    for (const [index, step] of steps.entries()) {
      const batch = sampleBatch(step, 10 * numLocalViews + index);
      const before = trainingStateOf(step, { tensors: state.arrays, metadata: {} }, stateNames);
      const { loss } = await training.gradients([batch], stepSettingsOf(step));
      const numUpdates = await training.update(before.counters, stepSettingsOf(step));
      assert.deepEqual(numUpdates, { decayed: index + 1, undecayed: index + 1, prototypes: index });
      const after = new Map([...state.arrays].map(([name, { data }]) => [name, (data as Float32Array).slice()]));
      taken.push({ step, arrays: new Map<string, NdArray>([...before.arrays, ...batch]), before, loss, after });
    }
  } finally {
    device.close();
  }
  return taken;
}

/** What PyTorch makes of each step. */
function referenceSteps(taken: readonly TakenStep[]): Safetensors[] {
  const folder = mkdtempSync(join(tmpdir(), "suricate-dino-step-"));
  try {
    const paths = taken.map(
      (_, index) => [join(folder, `in-${index}.safetensors`), join(folder, `out-${index}.safetensors`)] as const,
    );
    for (const [index, { step, arrays }] of taken.entries())
      writeSafetensors(paths[index]![0], arrays, { case: JSON.stringify(step) });
    const result = spawnSync(pythonCommand(), ["-B", script, ...paths.flat()], { encoding: "utf8", env: peerEnvironment() });
    assert.equal(result.status, 0, result.stderr);
    return paths.map(([, output]) => readSafetensors(output));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function toleranceOf({ backbone, optimiser }: StepCase): number {
  // AdamW's first steps divide by the gradient's own size: small elements feel all of float32's rounding.
  if (optimiser === "adamw") return 5e-3;
  // Each of 53 normalisations over few pixels divides rounding by their spread: PyTorch's own float32 strays from its float64 by 2 %
  // in single arrays here, and by 3e-5 in the student's whole change.
  return backbone.kind === "resnet" && backbone.depth === 50 ? 0.1 : 5e-4;
}

for (const [size, backbone] of Object.entries(backbones)) {
  for (const numLocalViews of [2, 3]) {
    // Four channels leave some nearly dead, whose gradients are mostly rounding: AdamW and LARS would divide by their lengths. Eight
    // (ResNet-18) do not, and the optimisers know nothing of the network.
    for (const optimiser of size.startsWith("ResNet-50") ? (["sgd"] as const) : (["adamw", "sgd", "lars"] as const)) {
      test(`three ${optimiser} steps of 2 + ${numLocalViews} views are PyTorch's: ${size}`, { skip }, async () => {
        const taken = await threeSteps(backbone, numLocalViews, optimiser);
        for (const [index, wanted] of referenceSteps(taken).entries()) {
          const { step, before, loss, after } = taken[index]!;
          assertClose([loss], [Number(wanted.metadata["loss"])], 1e-4, `loss of step ${index}`);
          const state = { before, after: (name: string) => after.get(name)!, wanted };
          assertStateAfter(step, state, toleranceOf(step));
          if (optimiser !== "adamw") assertStudentAfter(step, state, 1e-3);
        }
      });
    }
  }
}

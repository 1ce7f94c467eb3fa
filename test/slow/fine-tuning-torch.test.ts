// Supervised steps with a frozen prefix and layer-wise rates through ONNX Runtime, judged by PyTorch run live from the same weights.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor, sizeOf } from "#base/array";
import type { Safetensors } from "#base/files";
import { readSafetensors, writeSafetensors } from "#base/files/disk";
import { gradients } from "#engine/autodiff";
import { Graph, named } from "#engine/graph";
import {
  backboneConfigSchema,
  buildOptimiserGraph,
  crossEntropy,
  frozenPrefix,
  layerGroups,
  meanSquaredError,
  nextName,
  OPTIMISERS,
  oneHot,
  optimiserScalars,
  parameterInputs,
  runningAverages,
  type SupervisedConfig,
  supervisedNetwork,
  supervisedOptimisation,
  supervisedParameters,
  updateShape,
} from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { assertClose } from "../compare.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["torch"]);
const script = join(projectRoot, "test", "reference", "fine_tuning.py");
const [NUM_IMAGES, SIDE, NUM_STEPS, LAYER_DECAY] = [6, 40, 3, 0.75];

type Arrays = Map<string, NdArray<"float32">>;

interface Case extends SupervisedConfig {
  readonly optimiser: "adamw" | "sgd";
  readonly task: "classes" | "regression";
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly labelSmoothing: number;
}

const resnet18 = backboneConfigSchema.parse({ kind: "resnet", depth: 18, width: 8, stemKernelSize: 3, stemStride: 1 });
const tinyVit = backboneConfigSchema.parse({ embedDim: 32, depth: 3, numHeads: 2, imageSize: SIDE });
const classes = { task: "classes", labelSmoothing: 0.1, head: { hiddenDim: 12, numOutputs: 3 } } as const;
const twoNumbers = { hiddenDim: 12, activation: "relu", numOutputs: 2 } as const;
const regression = { task: "regression", labelSmoothing: 0, head: twoNumbers } as const;
const sgd = { optimiser: "sgd", learningRate: 0.02, weightDecay: 0.01 } as const;
const adamw = { optimiser: "adamw", learningRate: 1e-3, weightDecay: 0.05 } as const;

const CASES: Readonly<Record<string, Case>> = {
  "a whole ResNet-18, SGD, three classes": { backbone: resnet18, numFrozenGroups: 0, ...classes, ...sgd },
  "a ResNet-18 above its fourth group, AdamW, three classes": { backbone: resnet18, numFrozenGroups: 4, ...classes, ...adamw },
  "the head alone of a ResNet-18, SGD, a regression": { backbone: resnet18, numFrozenGroups: 9, ...regression, ...sgd },
  "a transformer above its second group, SGD, a regression": { backbone: tinyVit, numFrozenGroups: 2, ...regression, ...sgd },
  "a whole transformer, AdamW, three classes": { backbone: tinyVit, numFrozenGroups: 0, ...classes, ...adamw },
};

function sampled(config: Case): { readonly parameters: Arrays; readonly steps: Arrays } {
  const { trained, frozen, followedBuffers, frozenBuffers } = supervisedParameters(config);
  const parameters: Arrays = new Map();
  for (const { name, shape } of [...trained, ...frozen, ...followedBuffers, ...frozenBuffers]) {
    const random = randomFor(5, name);
    const scale = shape.length === 2 || shape.length === 4 ? 1.2 / Math.sqrt(sizeOf(shape) / shape[0]!) : 0.2;
    const isSpread = shape.length === 1 && /(weight|running_var)$/.test(name);
    const data = Float32Array.from({ length: sizeOf(shape) }, () => Number(isSpread) + scale * random.normal());
    parameters.set(name, ndArray("float32", shape, name.endsWith("running_var") ? data.map(Math.abs) : data));
  }
  const steps: Arrays = new Map();
  for (let step = 0; step < NUM_STEPS; step++) {
    const random = randomFor(6, "images and targets", step);
    const images = Float32Array.from({ length: NUM_IMAGES * SIDE * SIDE }, () => random.uniform());
    steps.set(`images.${step}`, ndArray("float32", [NUM_IMAGES, 1, SIDE, SIDE], images));
    const numTargets = config.task === "classes" ? 1 : config.head.numOutputs;
    const targets = Float32Array.from({ length: NUM_IMAGES * numTargets }, () =>
      config.task === "classes" ? Math.floor(3 * random.uniform()) : random.normal(),
    );
    steps.set(`targets.${step}`, ndArray("float32", [NUM_IMAGES, numTargets], targets));
  }
  return { parameters, steps };
}

/** Inputs `images`, `targets`, `parameter.*`; outputs `predictions`, `loss`, `gradient.*` and the next buffers. */
function gradientGraph(config: Case): Graph {
  const graph = new Graph("fine-tuning");
  const { trained, frozen, followedBuffers, frozenBuffers } = supervisedParameters(config);
  const images = named(graph.input("images", [NUM_IMAGES, 1, SIDE, SIDE]), "B C H W", "images");
  const targets = named(graph.input("targets", [NUM_IMAGES, config.head.numOutputs]), "R K", "targets");
  const learnt = parameterInputs(graph, trained, "parameter.");
  const followed = parameterInputs(graph, followedBuffers, "parameter.");
  const still = parameterInputs(graph, [...frozen, ...frozenBuffers], "parameter.");
  const all = new Map([...learnt, ...followed, ...still]);
  const { predictions, statistics } = supervisedNetwork(images, all, config, { mode: "batch" });
  const loss = config.task === "classes" ? crossEntropy(predictions, targets, config) : meanSquaredError(predictions, targets);
  graph.output("predictions", predictions);
  graph.output("loss", loss);
  const found = gradients(loss, [...learnt.values()]);
  for (const [index, { name }] of trained.entries()) graph.output(`gradient.${name}`, found[index]!);
  for (const [name, next] of runningAverages(followed, statistics)) graph.output(nextName(`parameter.${name}`), next);
  return graph;
}

async function suricateSteps(config: Case, parameters: Arrays, steps: Arrays): Promise<ReadonlyMap<string, NdArray>> {
  const optimised = supervisedOptimisation(config, LAYER_DECAY);
  const { stateNames } = OPTIMISERS[config.optimiser];
  const device = openDevice({ numThreads: 2 });
  const results = new Map<string, NdArray>();
  const flat = ({ shape, data }: NdArray) => ndArray("float32", updateShape(shape), data as Float32Array); // all are float32
  try {
    const [gradientSession, updateSession] = [
      device.open(gradientGraph(config)),
      device.open(buildOptimiserGraph(optimised, config.optimiser)),
    ];
    const states = new Map<string, NdArray>(
      stateNames.flatMap((state) =>
        optimised.map(({ name, shape }) => [
          `${state}.${name}`,
          ndArray("float32", updateShape(shape), new Float32Array(sizeOf(shape))),
        ]),
      ),
    );
    for (let step = 0; step < NUM_STEPS; step++) {
      const targets = steps.get(`targets.${step}`)!;
      const fed = config.task === "classes" ? oneHot([...targets.data], config.head.numOutputs) : targets;
      const ofNetwork = [...parameters].map(([name, array]) => [`parameter.${name}`, array] as const);
      const outputs = await gradientSession.run(
        new Map<string, NdArray>([...ofNetwork, ["images", steps.get(`images.${step}`)!], ["targets", fed]]),
      );
      for (const [name, array] of outputs) {
        const [, kind, rest = ""] = /^(predictions|loss|gradient\.)(.*)$/.exec(name) ?? [];
        if (kind) results.set(kind === "gradient." ? `gradient.${step}.${rest}` : `${kind}.${step}`, array);
      }
      const scalars = [...optimiserScalars(optimised, config.optimiser, { ...config, numUpdates: step + 1 })];
      const feeds = new Map<string, NdArray>([
        ...optimised.map(({ name }) => [`parameter.${name}`, flat(parameters.get(name)!)] as const),
        ...optimised.map(({ name }) => [`gradient.${name}`, flat(outputs.get(`gradient.${name}`)!)] as const),
        ...states,
        ...scalars.map(([name, value]) => [name, ndArray("float32", [], Float32Array.of(value))] as const),
        ["clip", ndArray("float32", [optimised.length], new Float32Array(optimised.length).fill(1))],
      ]);
      const updated = await updateSession.run(feeds);
      for (const [name, array] of [...outputs, ...updated]) {
        const [, parameter, state] = /^next\.(?:parameter\.(.*)|(.*))$/.exec(name) ?? [];
        if (parameter)
          parameters.set(parameter, ndArray("float32", parameters.get(parameter)!.shape, array.data as Float32Array));
        if (state) states.set(state, array);
      }
    }
  } finally {
    device.close();
  }
  for (const [name, array] of parameters) results.set(`after.${name}`, array);
  return results;
}

function torchSteps(config: Case, parameters: Arrays, steps: Arrays): Safetensors {
  const folder = mkdtempSync(join(tmpdir(), "suricate-fine-tuning-"));
  try {
    const [source, target] = [join(folder, "in.safetensors"), join(folder, "out.safetensors")];
    const nameOf = ({ name }: { readonly name: string }) => name;
    const groupNames = layerGroups(config.backbone).map(nameOf);
    const frozenGroups = frozenPrefix(config.backbone, config.numFrozenGroups).frozen.map(nameOf);
    const said = { ...config, groupNames, frozenGroups, layerDecay: LAYER_DECAY, numSteps: NUM_STEPS };
    const tensors = [...parameters].map(([name, array]) => [`parameter.${name}`, array] as const);
    writeSafetensors(source, new Map([...tensors, ...steps]), { case: JSON.stringify(said) });
    const result = spawnSync(pythonCommand(), ["-B", script, source, target], { encoding: "utf8", env: peerEnvironment() });
    assert.equal(result.status, 0, result.stderr);
    return readSafetensors(target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A key's bias shifts all scores of a query alike, which a softmax does not see: its gradient is rounding, which AdamW enlarges. */
function withoutKeys(name: string, values: readonly number[]): readonly number[] {
  const third = values.length / 3;
  return name.endsWith("attn.qkv.bias") ? values.filter((_, index) => index < third || index >= 2 * third) : values;
}

for (const [what, config] of Object.entries(CASES)) {
  test(`three supervised steps are PyTorch's: ${what}`, { skip }, async () => {
    const { parameters, steps } = sampled(config);
    const wanted = torchSteps(config, parameters, steps);
    const got = await suricateSteps(config, new Map(parameters), steps);
    assert.deepEqual([...got.keys()].toSorted(), [...wanted.tensors.keys()].toSorted());
    for (const [name, { data }] of wanted.tensors) {
      const first = parameters.get(name.replace(/^after\./, ""))?.data;
      // A frozen tensor must not have moved at all, a trained one by what PyTorch moves it.
      const changes = (values: ArrayLike<number | bigint>) =>
        withoutKeys(
          name,
          Array.from<number | bigint, number>(values, (value, index) => Number(value) - Number(first?.[index] ?? 0)),
        );
      const tolerance = config.optimiser === "adamw" && name.startsWith("after.") ? 5e-3 : 1e-3;
      assertClose(changes(got.get(name)!.data), changes(data), tolerance, name, 1e-6);
    }
    const moved = [...wanted.tensors.keys()].filter((name) => name.startsWith("gradient.0."));
    assert.equal(moved.length, supervisedParameters(config).trained.length);
  });
}

// The network under fine-tuning, several updates in place on a device: judged by PyTorch run live from the same weights.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type NdArray, ndArray, randomFor } from "#base/array";
import type { Safetensors } from "#base/files";
import { readSafetensors, writeSafetensors } from "#base/files/disk";
import { type BackboneConfig, layerGroups, sampleParameters, supervisedParameters } from "#engine/nn";
import { type FinetuneRule, finetuneRule } from "#learn/tasks";
import { openFinetuneSession } from "#learn/tasks/native";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { assertClose } from "../compare.ts";
import { SIDE, TINY_RESNET, TINY_VIT, withDevice } from "../learn/tasks/finetune/bent-sources.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["torch"]);
const script = join(projectRoot, "test", "reference", "fine_tuning.py");
const [BATCH, NUM_STEPS] = [6, 3];
const HEAD = { hiddenDim: 12, activation: "none", numOutputs: 3 } as const;

type Arrays = ReadonlyMap<string, NdArray<"float32">>;

interface Steps {
  readonly parameters: Arrays;
  readonly pictures: readonly Float32Array[];
  readonly classes: readonly (readonly number[])[];
}

function sampled(specs: Parameters<typeof sampleParameters>[0]): Steps {
  const steps = Array.from({ length: NUM_STEPS }, (_, step) => randomFor(6, "fine-tuning steps", step));
  return {
    parameters: sampleParameters(specs, 5),
    pictures: steps.map((random) => Float32Array.from({ length: BATCH * SIDE * SIDE }, () => random.uniform())),
    classes: steps.map((random) => Array.from({ length: BATCH }, () => random.integer(HEAD.numOutputs))),
  };
}

function torchSteps(config: object, { parameters, pictures, classes }: Steps): Safetensors {
  const folder = mkdtempSync(join(tmpdir(), "suricate-finetune-session-"));
  try {
    const [source, target] = [join(folder, "in.safetensors"), join(folder, "out.safetensors")];
    const tensors = new Map<string, NdArray>([...parameters].map(([name, array]) => [`parameter.${name}`, array]));
    for (let step = 0; step < NUM_STEPS; step++) {
      tensors.set(`images.${step}`, ndArray("float32", [BATCH, 1, SIDE, SIDE], pictures[step]!));
      tensors.set(`targets.${step}`, ndArray("float32", [BATCH, 1], Float32Array.from(classes[step]!)));
    }
    writeSafetensors(source, tensors, { case: JSON.stringify(config) });
    const { status, stderr } = spawnSync(pythonCommand(), ["-B", script, source, target], {
      encoding: "utf8",
      env: peerEnvironment(),
    });
    assert.equal(status, 0, stderr);
    return readSafetensors(target);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function caseOf(backbone: BackboneConfig, numLayers: number, rule: FinetuneRule) {
  const groupNames = layerGroups(backbone).map(({ name }) => name);
  const numFrozenGroups = groupNames.length - numLayers;
  const supervised = { backbone, head: HEAD, numFrozenGroups };
  return {
    supervised,
    said: {
      ...{ backbone, head: HEAD, groupNames, frozenGroups: groupNames.slice(0, numFrozenGroups), task: "classes" },
      ...{ ...rule, numSteps: NUM_STEPS },
    },
  };
}

const CASES = [
  ["a ResNet's last 3 groups", TINY_RESNET, 3],
  ["a whole ResNet", TINY_RESNET, 9],
  ["the head alone of a ResNet", TINY_RESNET, 0],
  ["a transformer's last block", TINY_VIT, 1],
] as const;

for (const [what, backbone, numLayers] of CASES) {
  test(`updates of ${what} by the paper's rule are PyTorch's`, { skip }, async () => {
    const rule = finetuneRule(numLayers, 256);
    const { supervised, said } = caseOf(backbone, numLayers, rule);
    const { trained, followedBuffers, frozen, frozenBuffers } = supervisedParameters(supervised);
    const steps = sampled([...trained, ...followedBuffers, ...frozen, ...frozenBuffers]);
    const wanted = torchSteps(said, steps);
    const ofFrozen = new Map([...frozen, ...frozenBuffers].map(({ name }) => [name, steps.parameters.get(name)!]));
    const network = { supervised, frozen: ofFrozen, inputSize: SIDE, toInput: <T>(images: T) => images };
    await withDevice(async (device) => {
      const session = await openFinetuneSession(device, network, rule, { batchSize: BATCH, arrays: steps.parameters });
      for (let step = 0; step < NUM_STEPS; step++) {
        const batch = { pictures: steps.pictures[step]!, classes: steps.classes[step]! };
        const loss = await session.update(batch, rule.learningRate);
        assert.ok(Math.abs(loss - Number(wanted.tensors.get(`loss.${step}`)!.data[0])) < 1e-3 * loss, `loss of step ${step}`);
      }
      for (const [name, { data }] of await session.learnt()) {
        const first = steps.parameters.get(name)!.data;
        const change = (values: NdArray["data"]) => Array.from(values as Float32Array, (value, index) => value - first[index]!);
        // Adam's first steps divide small gradients by themselves: float32's rounding of them is whole there.
        const tolerance = rule.optimiser === "adamw" ? 1e-2 : 1e-3;
        assertClose(change(data), change(wanted.tensors.get(`after.${name}`)!.data), tolerance, name, 1e-6);
      }
      session.close();
    });
  });
}

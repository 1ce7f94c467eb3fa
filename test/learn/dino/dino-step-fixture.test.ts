// A whole DINO step against PyTorch (fixtures of test/reference/make_fixtures.py): by the float64 evaluator and by ONNX Runtime.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { zeros } from "#base/array";
import type { Safetensors } from "#base/files";
import { readSafetensors } from "#base/files/disk";
import { type HostTensor, hostTensorOf } from "#engine/graph";
import { clipFactor, nextName, OPTIMISERS } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { buildUpdateGraph, networkParameters, numLanesFor } from "#learn/dino";
import { openBuffers, openStepGradients, openTrainingStep } from "#learn/dino/native";
import { assertClose } from "../../compare.ts";
import { hostTensor } from "../../engine/host-tensors.ts";
import { projectRoot } from "../../real-data.ts";
import { evaluatedGradients, evaluatedGraph } from "./evaluated-gradients.ts";
import {
  assertGradients,
  assertStateAfter,
  dinoConfigOf,
  type StepCase,
  stepBatchesOf,
  stepCaseOf,
  stepSettingsOf,
  stepShapeOf,
  trainingStateOf,
  updateScalarsOf,
} from "./step-case.ts";

const names = ["small-2x2-adamw-first", "small-2x3-sgd", "large-2x3-adamw", "large-2x2-sgd-first"] as const;

const read = (name: string): Safetensors =>
  readSafetensors(join(projectRoot, "test", "fixtures", "dino-step", `${name}.safetensors`));

const stateOf = (step: StepCase, fixture: Safetensors) => trainingStateOf(step, fixture, OPTIMISERS[step.optimiser].stateNames);

/** Everything that goes into a step, as doubles. */
function stepInputs(step: StepCase, fixture: Safetensors): Map<string, HostTensor> {
  const values = new Map([...fixture.tensors].map(([name, array]) => [name, hostTensorOf(array)]));
  for (const [name, array] of stateOf(step, fixture).arrays) values.set(name, hostTensorOf(array));
  return values.set("teacherTemperature", hostTensor([], [step.teacherTemperature]));
}

for (const name of names) {
  const fixture = read(name);
  const step = stepCaseOf(fixture);

  test(`in float64, a whole step is PyTorch's: ${name}`, () => {
    const values = stepInputs(step, fixture);
    const outputs = evaluatedGradients(step, stepShapeOf(step), values, stepBatchesOf(step, fixture)[0]!);
    assertClose(outputs.get("loss")!.data, [Number(fixture.metadata["loss"])], 1e-6, "loss");
    assertClose(outputs.get("teacherEntropy")!.data, [Number(fixture.metadata["teacherEntropy"])], 1e-6, "teacher entropy");
    assertClose(outputs.get("batchCenter")!.data, hostTensorOf(fixture.tensors.get("batchCenter")!).data, 1e-6, "batch center");
    assertGradients(step, (parameter) => outputs.get(`gradient.${parameter}`)!.data, fixture, 1e-6);

    for (const [output, value] of outputs) values.set(output, value);
    const clip = outputs.get("gradientSquares")!.data.map((square) => clipFactor(square, step.maxGradientNorm));
    values.set("clip", hostTensor([clip.length], clip));
    for (const [scalar, value] of updateScalarsOf(step)) values.set(scalar, hostTensor([], [value]));
    const updated = evaluatedGraph(buildUpdateGraph(step, step.optimiser), values);
    assertStateAfter(
      step,
      { before: stateOf(step, fixture), after: (array) => updated.get(nextName(array))!.data, wanted: fixture },
      1e-5,
    );
  });

  for (const numLanes of [1, 2]) {
    test(`through ONNX Runtime, in ${numLanes === 1 ? "one lane" : "two lanes"}, loss and every gradient are PyTorch's: ${name}`, async () => {
      assert.equal(numLanesFor(step, stepShapeOf(step), numLanes), numLanes);
      const device = await openDevice({ device: "cpu", numThreads: numLanes });
      const { arrays } = stateOf(step, fixture);
      const gradients = new Map(
        networkParameters(step).map((parameter) => [`gradient.${parameter.name}`, zeros("float32", parameter.shape)]),
      );
      try {
        const parts = { state: arrays, buffers: await openBuffers(device, step, arrays), gradients };
        const stepGradients = await openStepGradients(device, dinoConfigOf(step), parts);
        const scalars = { teacherTemperature: step.teacherTemperature, lossScale: undefined };
        const [report] = await stepGradients.run([stepBatchesOf(step, fixture)[0]!], scalars);
        assertClose([report!.loss], [Number(fixture.metadata["loss"])], 1e-4, "loss");
        await stepGradients.squares();
        assertGradients(step, (parameter) => gradients.get(`gradient.${parameter}`)!.data, fixture, 1e-4);
        stepGradients.close();
      } finally {
        device.close();
      }
    });
  }

  for (const numBatches of [1, 2]) {
    test(`a training step in ${numBatches === 1 ? "one batch" : "two accumulated batches"} leaves PyTorch's state: ${name}`, async () => {
      const device = await openDevice({ device: "cpu", numThreads: 1 });
      const state = stateOf(step, fixture);
      try {
        const training = await openTrainingStep(device, dinoConfigOf(step, numBatches), state);
        const report = await training.gradients(stepBatchesOf(step, fixture, numBatches), stepSettingsOf(step));
        assertClose([report.loss], [Number(fixture.metadata["loss"])], 1e-4, "loss");
        assertClose([report.teacherEntropy], [Number(fixture.metadata["teacherEntropy"])], 1e-4, "teacher entropy");
        const numUpdates = await training.update(state.counters, stepSettingsOf(step));
        assert.equal(numUpdates.decayed, step.numUpdates.decayed + 1);
        assert.equal(numUpdates.prototypes, step.numUpdates.prototypes + (step.arePrototypesFrozen ? 0 : 1));
        const after = (array: string) => state.arrays.get(array)!.data as Float32Array;
        // AdamW's first steps divide by the gradient's own size: small elements feel all of float32's rounding.
        const tolerance = step.optimiser === "adamw" ? 2e-3 : 2e-4;
        assertStateAfter(step, { before: stateOf(step, fixture), after, wanted: fixture }, tolerance);
        training.close();
      } finally {
        device.close();
      }
    });
  }
}

test("the fixtures clip some gradients and not others, and freeze the prototypes in one case", () => {
  const cases = names.map((name) => ({ fixture: read(name), step: stepCaseOf(read(name)) }));
  const clipped = cases.flatMap(({ fixture, step }) =>
    [...fixture.tensors]
      .filter(([name]) => name.startsWith("gradient."))
      .map(([, { data }]) => clipFactor(squares(data as Float32Array), step.maxGradientNorm) < 1),
  );
  assert.ok(clipped.includes(true) && clipped.includes(false));
  assert.equal(cases.filter(({ step }) => step.arePrototypesFrozen).length, 1);
});

const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);

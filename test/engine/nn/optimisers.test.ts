// AdamW, SGD and LARS as graph nodes, against the same rules as plain loops.
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFor } from "#base/array";
import type { HostTensor, Tensor } from "#engine/graph";
import { clipFactor, type GroupSettings, OPTIMISERS, type OptimiserName } from "#engine/nn";
import { assertClose, lengthOf } from "../../compare.ts";
import { type PlainAdamState, plainAdamW, plainClip, plainLars, plainSgd } from "../../learn/dino/plain-dino.ts";
import { evaluated, hostTensor } from "../host-tensors.ts";

const LENGTH = 7;
const random = randomFor(3, "optimiser test");
const draws = (scale: number) => Array.from({ length: LENGTH }, () => scale * random.normal());

/** One update by the graph's rule: the new parameter, then the new states. */
function updated(
  name: OptimiserName,
  settings: GroupSettings,
  {
    parameter,
    gradient,
    states,
    clip = 1,
    shape = [LENGTH],
  }: {
    parameter: readonly number[];
    gradient: readonly number[];
    states: readonly (readonly number[])[];
    clip?: number;
    shape?: readonly number[];
  },
): Float64Array[] {
  const optimiser = OPTIMISERS[name];
  const feeds: Record<string, HostTensor> = {
    parameter: hostTensor(shape, parameter),
    gradient: hostTensor(shape, gradient),
    clip: hostTensor([1], [clip]),
  };
  for (const [index, state] of states.entries()) feeds[`state${index}`] = hostTensor(shape, state);
  const scalars = optimiser.scalarsAt(settings);
  for (const [scalar, value] of Object.entries(scalars)) feeds[`scalar.${scalar}`] = hostTensor([], [value]);
  const results = evaluated(feeds, (inputs) => {
    const result = optimiser.update({
      parameter: inputs["parameter"]!,
      gradient: inputs["gradient"]!,
      clip: inputs["clip"]!,
      states: states.map((_, index) => inputs[`state${index}`]!),
      scalars: Object.fromEntries(optimiser.scalarNames.map((scalar): [string, Tensor] => [scalar, inputs[`scalar.${scalar}`]!])),
    });
    return { parameter: result.parameter, ...Object.fromEntries(result.states.map((state, index) => [`state${index}`, state])) };
  });
  return ["parameter", ...states.map((_, index) => `state${index}`)].map((output) => results.get(output)!.data);
}

test("an optimiser names exactly the scalars that it asks for", () => {
  for (const optimiser of Object.values(OPTIMISERS)) {
    const scalars = optimiser.scalarsAt({ learningRate: 0.1, weightDecay: 0.1, numUpdates: 1, isFrozen: false });
    assert.deepEqual(Object.keys(scalars).toSorted(), optimiser.scalarNames.toSorted());
  }
});

test("five AdamW updates follow the plain rule in float64", () => {
  let plain: PlainAdamState = { parameter: draws(1), firstMoment: draws(0), secondMoment: draws(0), numUpdates: 0 };
  let ours = [plain.parameter, plain.firstMoment, plain.secondMoment] as readonly (readonly number[])[];
  for (let update = 1; update <= 5; update++) {
    const gradient = draws(10 ** -update);
    const [learningRate, weightDecay] = [0.01 * update, 0.04 * update];
    plain = plainAdamW(plain, gradient, learningRate, weightDecay);
    const settings = { learningRate, weightDecay, numUpdates: update, isFrozen: false };
    ours = updated("adamw", settings, { parameter: ours[0]!, gradient, states: ours.slice(1) }).map((values) => [...values]);
    assertClose(ours[0]!, plain.parameter, 1e-13, `parameter after update ${update}`);
    assertClose(ours[1]!, plain.firstMoment, 1e-13, `first moment after update ${update}`);
    assertClose(ours[2]!, plain.secondMoment, 1e-13, `second moment after update ${update}`);
  }
});

test("AdamW's first step has the learning rate's length in every direction, whatever the gradient's size", () => {
  const parameter = draws(1);
  const settings = { learningRate: 0.5, weightDecay: 0, numUpdates: 1, isFrozen: false };
  const gradient = [1, -1, 1e-3, -1e-3, 1e3, 7, -7];
  const [after] = updated("adamw", settings, { parameter, gradient, states: [draws(0), draws(0)] });
  for (const [i, value] of after!.entries()) assert.ok(Math.abs(value - (parameter[i]! - 0.5 * Math.sign(gradient[i]!))) < 1e-4);
});

test("AdamW keeps a gradient of zero from moving an undecayed parameter", () => {
  const parameter = draws(1);
  const settings = { learningRate: 0.5, weightDecay: 0, numUpdates: 1, isFrozen: false };
  const [after] = updated("adamw", settings, { parameter, gradient: draws(0), states: [draws(0), draws(0)] });
  assert.deepEqual([...after!], parameter);
});

test("five SGD updates follow the plain rule in float64", () => {
  let plain = { parameter: draws(1) as readonly number[], momentum: draws(0) as readonly number[] };
  let ours = plain;
  for (let update = 1; update <= 5; update++) {
    const gradient = draws(1);
    plain = plainSgd(plain, gradient, 0.03, 1e-2);
    const settings = { learningRate: 0.03, weightDecay: 1e-2, numUpdates: update, isFrozen: false };
    const [parameter, momentum] = updated("sgd", settings, { parameter: ours.parameter, gradient, states: [ours.momentum] });
    ours = { parameter: [...parameter!], momentum: [...momentum!] };
    assertClose(ours.parameter, plain.parameter, 1e-13, `parameter after update ${update}`);
    assertClose(ours.momentum, plain.momentum, 1e-13, `momentum after update ${update}`);
  }
});

for (const shape of [[LENGTH], [1, LENGTH], [LENGTH, 1, 1]]) {
  test(`five LARS updates of a tensor [${shape}] follow the plain rule in float64`, () => {
    let plain = { parameter: draws(1) as readonly number[], momentum: draws(0) as readonly number[] };
    let ours = plain;
    for (let update = 1; update <= 5; update++) {
      const gradient = draws(10 ** (3 - update));
      const [learningRate, weightDecay] = [2 * update, 1e-2 * update];
      plain = plainLars(plain, gradient, { learningRate, weightDecay, isVector: shape.length === 1 });
      const settings = { learningRate, weightDecay, numUpdates: update, isFrozen: false };
      const values = { parameter: ours.parameter, gradient, states: [ours.momentum], shape };
      const [parameter, momentum] = updated("lars", settings, values);
      ours = { parameter: [...parameter!], momentum: [...momentum!] };
      assertClose(ours.parameter, plain.parameter, 1e-13, `parameter after update ${update}`);
      assertClose(ours.momentum, plain.momentum, 1e-13, `momentum after update ${update}`);
    }
  });
}

test("LARS moves a matrix by a thousandth of its length at a rate of one, whatever the gradient's size, and a vector by its gradient", () => {
  const parameter = draws(1);
  const settings = { learningRate: 1, weightDecay: 0, numUpdates: 1, isFrozen: false };
  for (const size of [1e-6, 1, 1e6]) {
    const gradient = draws(size);
    const [matrix] = updated("lars", settings, { parameter, gradient, states: [draws(0)], shape: [1, LENGTH] });
    const moved = matrix!.map((value, i) => value - parameter[i]!);
    assert.ok(Math.abs(lengthOf(moved) / lengthOf(parameter) - 1e-3) < 1e-9, `moved by ${lengthOf(moved)}`);
    const [vector] = updated("lars", { ...settings, weightDecay: 7 }, { parameter, gradient, states: [draws(0)] });
    for (const [i, value] of vector!.entries()) assert.equal(value, parameter[i]! - gradient[i]!);
  }
});

test("LARS adapts nothing where the parameter or its gradient has no length", () => {
  const settings = { learningRate: 0.5, weightDecay: 0, numUpdates: 1, isFrozen: false };
  const gradient = draws(1);
  const matrix = { states: [draws(0)], shape: [1, LENGTH] };
  const [fromZero] = updated("lars", settings, { parameter: draws(0), gradient, ...matrix });
  for (const [i, value] of fromZero!.entries()) assert.equal(value, -0.5 * gradient[i]!);
  const parameter = draws(1);
  const [unmoved] = updated("lars", settings, { parameter, gradient: draws(0), ...matrix });
  assert.deepEqual([...unmoved!], parameter);
});

for (const name of Object.keys(OPTIMISERS) as OptimiserName[]) {
  test(`a frozen ${name} group changes neither its parameters nor its state`, () => {
    const before = [draws(1), ...OPTIMISERS[name].stateNames.map(() => draws(1).map(Math.abs))];
    const settings = { learningRate: 0.1, weightDecay: 0.4, numUpdates: 0, isFrozen: true };
    const after = updated(name, settings, { parameter: before[0]!, gradient: draws(5), states: before.slice(1) });
    assert.deepEqual(
      after.map((values) => [...values]),
      before,
    );
  });

  test(`${name} updates with the clipped gradient`, () => {
    const [parameter, gradient] = [draws(1), draws(20)];
    const states = OPTIMISERS[name].stateNames.map(() => draws(0.1).map(Math.abs));
    const settings = { learningRate: 0.1, weightDecay: 0.1, numUpdates: 3, isFrozen: false };
    const clip = clipFactor(lengthOf(gradient) ** 2, 3);
    const byFactor = updated(name, settings, { parameter, gradient, states, clip });
    const byHand = updated(name, settings, { parameter, gradient: plainClip(gradient, 3), states });
    for (const [index, values] of byFactor.entries()) assertClose(values, byHand[index]!, 1e-13, `array ${index}`);
    assert.ok(clip < 0.5, `the gradient should have been clipped, got a factor of ${clip}`);
  });
}

test("a gradient shorter than the limit is left alone, a longer one comes to the limit, and a limit of zero clips nothing", () => {
  assert.equal(clipFactor(4, 3), 1);
  assert.ok(Math.abs(clipFactor(36, 3) * 6 - 3) < 1e-6);
  assert.ok(clipFactor(36, 3) * 6 < 3);
  assert.equal(clipFactor(36, 0), 1);
});

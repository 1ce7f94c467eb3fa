import assert from "node:assert/strict";
import { after, test } from "node:test";
import { float32, type NdArray, ndArray } from "#base/array";
import { add, div, exp, Graph, gemm, matMul, mul, neg, pow, reduceSum, reshape, sqrt, sub, type Tensor } from "#engine/graph";
import { formatOnnx } from "#engine/runtime";
import { openDevice } from "#engine/runtime/native";

const device = openDevice({ numThreads: 2 });
after(() => device.close());

const SHAPE = [40, 30];
const numbers = (array: NdArray): readonly number[] => Array.from(array.data, Number);
const filled = (wave: (x: number) => number) =>
  float32(
    SHAPE,
    Float32Array.from({ length: 1200 }, (_, i) => wave(i)),
  );

/** AdamW without bias correction, and a moving average of the parameter: four states, each read only on its own way. */
function updateGraph(): Graph {
  const graph = new Graph("update");
  const [weight, gradient, mean, square, teacher] = ["weight", "gradient", "mean", "square", "teacher"].map((name) =>
    graph.input(name, SHAPE),
  );
  const newMean = add(mul(mean!, 0.9), mul(gradient!, 0.1));
  const newSquare = add(mul(square!, 0.999), mul(mul(gradient!, gradient!), 0.001));
  const newWeight = sub(mul(weight!, 0.99), mul(div(newMean, add(sqrt(newSquare), 1e-8)), 0.01));
  graph.output("newWeight", newWeight);
  graph.output("newMean", newMean);
  graph.output("newSquare", newSquare);
  graph.output("newTeacher", add(mul(teacher!, 0.996), mul(newWeight, 0.004)));
  return graph;
}

const STATES = { newWeight: "weight", newMean: "mean", newSquare: "square", newTeacher: "teacher" };

function updateFeeds(): Map<string, NdArray> {
  const waves = {
    weight: Math.sin,
    gradient: Math.cos,
    mean: (x: number) => Math.sin(x / 7),
    square: (x: number) => Math.abs(Math.cos(3 * x)),
    teacher: (x: number) => x / 1200,
  };
  return new Map(Object.entries(waves).map(([name, wave]) => [name, filled(wave)]));
}

test("states updated where they lie equal states updated elsewhere, step after step", async () => {
  const session = device.open(updateGraph());
  const [apart, inPlace] = [updateFeeds(), updateFeeds()];
  const results = new Map(Object.entries(STATES).map(([output, input]) => [output, inPlace.get(input)!]));
  for (let step = 0; step < 3; step++) {
    const before = numbers(inPlace.get("weight")!);
    const next = await session.run(apart);
    for (const [output, input] of Object.entries(STATES)) apart.set(input, next.get(output)!);
    await session.run(inPlace, results);
    assert.notDeepEqual(numbers(inPlace.get("weight")!), before);
    for (const input of Object.values(STATES))
      assert.deepEqual(inPlace.get(input)!.data, apart.get(input)!.data, `${input}, step ${step}`);
  }
});

/** Writes the output "next" over the input "state", 4 x 4 ones at first. Rejects where that is refused. */
async function runOver(build: (state: Tensor) => Readonly<Record<string, Tensor>>): Promise<NdArray> {
  const graph = new Graph("over");
  const outputs = build(graph.input("state", [4, 4]));
  for (const [name, tensor] of Object.entries(outputs)) graph.output(name, tensor);
  const state = float32([4, 4], new Float32Array(16).fill(1));
  await device.open(graph).run(new Map([["state", state]]), new Map([["next", state]]));
  return state;
}

const refusal = (hazard: string) => ({
  message: `graph over: result "next" lies in the memory of feed "state", which is not safe: ${hazard}. Give it memory of its own.`,
});

test("a state that is needed after its successor could be there is not overwritten", async () => {
  await assert.rejects(
    runOver((state) => ({ next: neg(state), other: exp(state) })),
    refusal("Exp needs it too"),
  );
  await assert.rejects(
    runOver((state) => ({ next: neg(state), norm: reduceSum(state) })),
    refusal("ReduceSum needs it too"),
  );
  // The half has memory of its own, but ONNX Runtime might merge the two operators into one that reads the state.
  const escaping = (state: Tensor) => {
    const half = mul(state, 0.5);
    return { next: neg(half), far: exp(half) };
  };
  await assert.rejects(runOver(escaping), refusal("Exp needs it too"));
});

test("a state whose successor is not computed element by element is not overwritten", async () => {
  const refused = refusal("MatMul does not work element by element");
  await assert.rejects(
    runOver((state) => ({ next: matMul(state, state) })),
    refused,
  );
  // A reshaped state is the state's own memory.
  await assert.rejects(
    runOver((state) => ({ next: matMul(reshape(reshape(state, [16]), [4, 4]), neg(state)) })),
    refused,
  );
  await assert.rejects(
    runOver((state) => ({ next: reshape(reshape(state, [16]), [4, 4]) })),
    refusal("Reshape_1 does not work element by element"),
  );
});

test("a product is added to a state where it lies, and a state that is part of the product is not overwritten", async () => {
  const sides = [300, 200] as const;
  const waves = (length: number, step: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * step));
  const graph = new Graph("sum");
  const [a, b, sum] = [graph.input("a", [64, 300]), graph.input("b", [64, 200]), graph.input("sum", sides)];
  graph.output("next", gemm(a, b, gemm(a, b, sum, { transA: true }), { transA: true, alpha: 0.5 }));
  const feeds = () =>
    new Map<string, NdArray>([
      ["a", float32([64, 300], waves(64 * 300, 0.7))],
      ["b", float32([64, 200], waves(64 * 200, 1.3))],
      ["sum", float32(sides, waves(300 * 200, 0.1))],
    ]);
  const session = device.open(graph);
  const [apart, inPlace] = [feeds(), feeds()];
  const wanted = (await session.run(apart)).get("next")!;
  await session.run(inPlace, new Map([["next", inPlace.get("sum")!]]));
  assert.deepEqual(inPlace.get("sum")!.data, wanted.data);

  const once = new Graph("once");
  const [left, right, state] = [once.input("left", [64, 300]), once.input("right", [64, 200]), once.input("state", sides)];
  once.output("next", gemm(left, right, state, { transA: true }));
  const onceFed = new Map([...feeds()].map(([name, array]) => [{ a: "left", b: "right", sum: "state" }[name]!, array]));
  const opened = device.open(once);
  const expected = (await opened.run(onceFed)).get("next")!;
  const over = onceFed.get("state")!;
  await opened.run(onceFed, new Map([["next", over]]));
  assert.deepEqual(over.data, expected.data);
  await assert.rejects(
    runOver((square) => ({ next: gemm(square, neg(square), square) })),
    refusal("Gemm does not work element by element"),
  );
});

test("a state may be read in any way on the way to its successor", async () => {
  const state = await runOver((x) => {
    const norm = reduceSum(pow(x, 2)); // 16
    const product = matMul(x, reshape(x, [4, 4])); // 4 in each place
    return { next: sub(sub(mul(x, 5), div(norm, 16)), mul(product, 0.25)), norm };
  });
  assert.deepEqual(numbers(state), new Array(16).fill(3));
});

test("a node that no output needs does not keep a state from being overwritten", async () => {
  const state = await runOver((x) => {
    reduceSum(x);
    return { next: neg(x) };
  });
  assert.deepEqual(numbers(state), new Array(16).fill(-1));
});

test("arrays that overlap in part, or two results in one place, are refused", async () => {
  const session = device.open(updateGraph());
  const memory = new Float32Array(1300);
  const feeds = updateFeeds();
  feeds.set("weight", ndArray("float32", SHAPE, memory.subarray(0, 1200)));
  const shifted = ndArray("float32", SHAPE, memory.subarray(100));
  await assert.rejects(session.run(feeds, new Map([["newWeight", shifted]])), {
    message:
      'graph update: result "newWeight" lies in the memory of feed "weight": expected memory of its own, or exactly that of one feed.',
  });
  await assert.rejects(
    session.run(
      updateFeeds(),
      new Map([
        ["newWeight", shifted],
        ["newMean", shifted],
      ]),
    ),
    {
      message:
        'graph update: result "newWeight" lies in the memory of result "newMean": expected memory of its own, or exactly that of one feed.',
    },
  );
});

test("a state that is also fed under another name is looked at under both", async () => {
  const session = device.open(updateGraph());
  const feeds = updateFeeds();
  const mean = feeds.get("mean")!;
  feeds.set("gradient", mean);
  await assert.rejects(
    session.run(feeds, new Map([["newMean", mean]])),
    /result "newMean" lies in the memory of feed "gradient", which is not safe: Mul_\d needs it too/,
  );
});

test("a session from bytes leaves overwriting to its caller", async () => {
  const session = device.open(formatOnnx(updateGraph()));
  const feeds = updateFeeds();
  const expected = (await session.run(feeds)).get("newTeacher")!.data;
  await session.run(feeds, new Map([["newTeacher", feeds.get("teacher")!]]));
  assert.deepEqual(feeds.get("teacher")!.data, expected);
});

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type DType, float32, type NdArray, ndArray, typedData, zeros } from "#base/array";
import { add, cast, Graph, matMul, mul, named, reduceSum, relu, sub, type Tensor } from "#engine/graph";
import { formatOnnx } from "#engine/runtime";
import { openDevice, type Session } from "#engine/runtime/native";

const device = openDevice({ numThreads: 2 });
after(() => device.close());

/** Opens a graph whose outputs `build` returns by name. */
function opened(name: string, build: (graph: Graph) => Readonly<Record<string, Tensor>>): Session {
  return device.open(builtGraph(name, build));
}

function builtGraph(name: string, build: (graph: Graph) => Readonly<Record<string, Tensor>>): Graph {
  const graph = new Graph(name);
  for (const [output, tensor] of Object.entries(build(graph))) graph.output(output, tensor);
  return graph;
}

const arrays = (record: Readonly<Record<string, NdArray>>): ReadonlyMap<string, NdArray> => new Map(Object.entries(record));
const numbers = (array: NdArray | undefined): readonly number[] => Array.from(array!.data, Number);

test("a session says what it is fed and what it gives", () => {
  const session = opened("faces", (g) => ({
    sum: reduceSum(g.input("x", [2, 3])),
    wide: cast(g.input("n", [4], "int32"), "float64"),
  }));
  assert.equal(session.name, "faces");
  assert.deepEqual(session.inputs, [
    { name: "x", dtype: "float32", shape: [2, 3] },
    { name: "n", dtype: "int32", shape: [4] },
  ]);
  assert.deepEqual(session.outputs, [
    { name: "sum", dtype: "float32", shape: [] },
    { name: "wide", dtype: "float64", shape: [4] },
  ]);
});

test("every element type goes in and comes out bit for bit", async () => {
  const dtypes: readonly DType[] = [
    "float32",
    "float64",
    "float16",
    "int64",
    "int32",
    "int16",
    "uint16",
    "int8",
    "uint8",
    "bool",
  ];
  for (const dtype of dtypes) {
    const session = opened(dtype, (g) => ({ y: g.input("x", [3], dtype) }));
    const bytes = Uint8Array.from({ length: 24 }, (_, place) => (dtype === "bool" ? place % 2 : 7 * place + 1));
    const x = ndArray(dtype, [3], typedData(dtype, bytes.buffer, 0, 3));
    const y = (await session.run(arrays({ x }))).get("y")!;
    assert.equal(y.dtype, dtype);
    assert.deepEqual(y.data, x.data);
    session.close();
  }
});

test("float64 graphs compute in float64", async () => {
  const session = opened("doubles", (g) => ({ y: add(g.input("a", [1], "float64"), g.input("b", [1], "float64")) }));
  const a = ndArray("float64", [1], Float64Array.of(1));
  const b = ndArray("float64", [1], Float64Array.of(2 ** -40));
  assert.deepEqual(numbers((await session.run(arrays({ a, b }))).get("y")), [1 + 2 ** -40]);
});

test("results are written into the arrays given for them, and into new ones otherwise", async () => {
  const session = opened("results", (g) => {
    const x = g.input("x", [3]);
    return { double: mul(x, 2), next: add(x, 1) };
  });
  const double = float32([3], [9, 9, 9]);
  const results = await session.run(arrays({ x: float32([3], [1, 2, 3]) }), arrays({ double }));
  assert.equal(results.get("double"), double);
  assert.deepEqual(numbers(double), [2, 4, 6]);
  assert.deepEqual(numbers(results.get("next")), [2, 3, 4]);
});

test("arrays may be views into one buffer, and the buffer may be shared between threads", async () => {
  const session = opened("views", (g) => ({ y: mul(g.input("x", [2]), 10) }));
  const buffer = new SharedArrayBuffer(32);
  const x = ndArray("float32", [2], new Float32Array(buffer, 4, 2));
  const y = ndArray("float32", [2], new Float32Array(buffer, 20, 2));
  x.data.set([1, 2]);
  await session.run(arrays({ x }), arrays({ y }));
  assert.deepEqual([...new Float32Array(buffer)], [0, 1, 2, 0, 0, 10, 20, 0]);
});

test("arrays without elements pass through", async () => {
  const session = opened("empty", (g) => ({ y: relu(g.input("x", [0, 3])) }));
  const y = (await session.run(arrays({ x: zeros("float32", [0, 3]) }))).get("y")!;
  assert.deepEqual([y.shape, y.data.length], [[0, 3], 0]);
});

test("JavaScript goes on while a graph runs", async () => {
  const session = opened("long", (g) => {
    let x = g.input("x", [400, 400]);
    for (let turn = 0; turn < 40; turn++) x = matMul(x, x);
    return { y: reduceSum(x) };
  });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await session.run(arrays({ x: zeros("float32", [400, 400]) }));
  clearInterval(timer);
  assert.ok(ticks > 0, "no timer fired during the run");
});

test("two sessions of one device run at the same time and both are right", async () => {
  const build = (factor: number) => (g: Graph) => ({
    y: matMul(mul(g.input("x", [200, 200]), factor), g.input("w", [200, 200])),
  });
  const [once, twice] = [opened("once", build(1)), opened("twice", build(2))];
  const feeds = arrays({
    x: float32([200, 200], new Float32Array(40000).fill(1)),
    w: float32([200, 200], new Float32Array(40000).fill(0.5)),
  });
  const runs = Array.from({ length: 20 }, (_, turn) => (turn % 2 === 0 ? once : twice).run(feeds));
  for (const [turn, results] of (await Promise.all(runs)).entries()) {
    const expected = turn % 2 === 0 ? 100 : 200;
    assert.ok(results.get("y")!.data.every((value) => value === expected));
  }
});

test("the same feeds give the same bits, run after run", async () => {
  const session = opened("bits", (g) => ({ y: reduceSum(matMul(g.input("x", [130, 70]), g.input("w", [70, 90])), [0]) }));
  const feeds = arrays({
    x: float32(
      [130, 70],
      Float32Array.from({ length: 9100 }, (_, i) => Math.sin(i)),
    ),
    w: float32(
      [70, 90],
      Float32Array.from({ length: 6300 }, (_, i) => Math.cos(i)),
    ),
  });
  const first = (await session.run(feeds)).get("y")!.data;
  for (let turn = 0; turn < 5; turn++) assert.deepEqual((await session.run(feeds)).get("y")!.data, first);
});

test("feeds and results that do not fit are refused by name, type and shape", async () => {
  const session = opened("fits", (g) => ({ y: relu(g.input("x", [2, 3])) }));
  const x = zeros("float32", [2, 3]);
  await assert.rejects(session.run(new Map()), { message: 'graph fits: feed "x": expected float32 [2, 3], got nothing.' });
  await assert.rejects(session.run(arrays({ x: zeros("float32", [3, 2]) })), {
    message: 'graph fits: feed "x": expected float32 [2, 3], got float32 [3, 2].',
  });
  await assert.rejects(session.run(arrays({ x: zeros("float64", [2, 3]) })), {
    message: 'graph fits: feed "x": expected float32 [2, 3], got float64 [2, 3].',
  });
  await assert.rejects(session.run(arrays({ x, z: x })), { message: 'graph fits: "z" is not an input: expected one of "x".' });
  await assert.rejects(session.run(arrays({ x }), arrays({ z: x })), {
    message: 'graph fits: "z" is not an output: expected one of "y".',
  });
  await assert.rejects(session.run(arrays({ x }), arrays({ y: zeros("float32", [6]) })), {
    message: 'graph fits: result "y": expected float32 [2, 3], got float32 [6].',
  });
});

test("what ONNX Runtime says of a failure comes as one line with the graph's name", async () => {
  assert.throws(
    () => device.open(Uint8Array.of(1, 2, 3), { name: "broken.onnx" }),
    /^Error: graph broken\.onnx: .*protobuf parsing failed\.$/,
  );
  const session = opened("outside", (g) => ({
    y: g.add("Gather", [g.input("x", [3]), g.input("place", [1], "int64")], { axis: 0 })[0]!,
  }));
  const place = ndArray("int64", [1], BigInt64Array.of(7n));
  await assert.rejects(
    session.run(arrays({ x: zeros("float32", [3]), place })),
    /^Error: graph outside: [^\n]*Gather[^\n]*idx=7[^\n]*$/,
  );
  const again = await session.run(arrays({ x: float32([3], [4, 5, 6]), place: ndArray("int64", [1], BigInt64Array.of(2n)) }));
  assert.deepEqual(numbers(again.get("y")), [6]);
});

test("a model with free sizes gives arrays of the shapes it found", async () => {
  // Where(condition, x, x) with a free axis cannot be built by a Graph: the sizes are taken out of the bytes.
  const fixed = builtGraph("free", (g) => ({ y: add(g.input("x", [1]), g.input("z", [1])) }));
  const session = device.open(withoutSizes(formatOnnx(fixed)), { name: "free" });
  assert.deepEqual(session.inputs[0], { name: "x", dtype: "float32", shape: [-1] });
  for (const length of [1, 4]) {
    const ones = float32([length], new Float32Array(length).fill(1));
    const y = (await session.run(arrays({ x: ones, z: ones }))).get("y")!;
    assert.deepEqual([y.shape, numbers(y)], [[length], new Array(length).fill(2)]);
  }
  await assert.rejects(session.run(arrays({ x: zeros("float32", [1, 1]), z: zeros("float32", [1]) })), {
    message: 'graph free: feed "x": expected float32 [-1], got float32 [1, 1].',
  });
});

/** A model whose 1-element shapes have lost their size: dim_value (field 1) becomes dim_param "N" (field 2, one letter). */
function withoutSizes(model: Uint8Array): Uint8Array {
  const bytes = Buffer.from(model);
  const dimension = Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x08, 0x01]); // shape { dim { dim_value: 1 } }
  const free = Buffer.from([0x12, 0x04, 0x0a, 0x02, 0x12, 0x00]); // shape { dim { dim_param: "" } }
  for (let place = bytes.indexOf(dimension); place >= 0; place = bytes.indexOf(dimension, place + 1)) free.copy(bytes, place);
  return bytes;
}

test("a profile tells where the time went, operator by operator", async () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    const graph = builtGraph("profiled", (g) => {
      const x = g.input("x", [300, 300]);
      return { y: relu(sub(matMul(x, x), matMul(x, g.input("w", [300, 300])))) };
    });
    const session = device.open(graph, { profilePrefix: join(folder, "run") });
    const feeds = arrays({ x: zeros("float32", [300, 300]), w: zeros("float32", [300, 300]) });
    for (let turn = 0; turn < 3; turn++) await session.run(feeds);
    const times = session.endProfiling();
    const counts = Object.fromEntries(times.map(({ op, count }) => [op, count]));
    assert.equal(counts["MatMul"], 6);
    assert.ok(times.find(({ op }) => op === "MatMul")!.seconds > 0);
    // Which operator takes longest is the machine's affair; that it comes first is not.
    const seconds = times.map((time) => time.seconds);
    assert.deepEqual(
      seconds,
      seconds.toSorted((a, b) => b - a),
    );
    assert.ok(seconds.every((value) => value >= 0 && value < 60));
    assert.equal(readdirSync(folder).length, 1);
    assert.throws(() => session.endProfiling(), /graph profiled: it does not measure/);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal(existsSync(folder), false);
});

test("a closed session refuses to run, but finishes the run it was closed in", async () => {
  const session = opened("closing", (g) => ({ y: matMul(g.input("x", [300, 300]), g.input("w", [300, 300])) }));
  const x = float32([300, 300], new Float32Array(90000).fill(1));
  const underWay = session.run(arrays({ x, w: x }));
  session.close();
  session.close();
  await assert.rejects(session.run(arrays({ x, w: x })), { message: "graph closing: it is closed and cannot run." });
  assert.equal((await underWay).get("y")!.data[0], 300);
});

test("constants of 64 KiB and more reach a session as they are, whatever their type, and may change once it is open", async () => {
  const size = 2 ** 16;
  for (const dtype of ["float32", "float16", "int64", "int8"] as const) {
    const bytes = Uint8Array.from({ length: 8 * size }, (_, place) => (place * 37) % 120);
    const table = ndArray(dtype, [size], typedData(dtype, bytes.buffer, 0, size));
    const wanted = Array.from(table.data, Number);
    const session = opened(`table ${dtype}`, (g) => ({ same: named(g.constant(table), "N", "table") }));
    bytes.fill(0);
    assert.deepEqual(numbers((await session.run(new Map())).get("same")), wanted, dtype);
    session.close();
  }
});

test("a graph opened twice has its large constants in both sessions", async () => {
  const [rows, columns] = [256, 128];
  const weightAt = (row: number, column: number) => ((row * 3 + column * 5) % 7) - 3;
  const weights = Float32Array.from({ length: rows * columns }, (_, place) =>
    weightAt(Math.floor(place / columns), place % columns),
  );
  const x = float32(
    [1, rows],
    Array.from({ length: rows }, (_, row) => row % 5),
  );
  const wanted = Array.from({ length: columns }, (_, column) =>
    Array.from(x.data).reduce((sum, value, row) => sum + value * weightAt(row, column), 0),
  );
  const graph = builtGraph("twice", (g) => ({
    y: matMul(g.input("x", [1, rows]), g.constant(ndArray("float32", [rows, columns], weights))),
  }));
  for (const session of [device.open(graph), device.open(graph)]) {
    assert.deepEqual(numbers((await session.run(arrays({ x }))).get("y")), wanted);
    session.close();
  }
});

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { float32, type NdArray } from "#base/array";
import { Graph, matMul, reduceSum } from "#engine/graph";
import { type Device, openDevice } from "#engine/runtime/native";

function productGraph(): Graph {
  const graph = new Graph("product");
  graph.output(
    "y",
    reduceSum(matMul(graph.input("x", [64, 64]), graph.constant(float32([64, 64], new Float32Array(4096).fill(1))))),
  );
  return graph;
}

async function runOnce(device: Device): Promise<number> {
  const session = device.open(productGraph());
  const x: NdArray = float32([64, 64], new Float32Array(4096).fill(1));
  const y = (await session.run(new Map([["x", x]]))).get("y")!;
  session.close();
  return Number(y.data[0]);
}

test("a device uses the threads the process may use, or as many as it is told", () => {
  for (const [numThreads, expected] of [
    [undefined, availableParallelism()],
    [1, 1],
    [3, 3],
  ] as const) {
    const device = openDevice(numThreads === undefined ? {} : { numThreads });
    assert.deepEqual([device.name, device.numThreads], ["cpu", expected]);
    device.close();
  }
});

test("devices opened together share one thread pool, so they must agree on its size", async () => {
  const first = openDevice({ numThreads: 2 });
  const second = openDevice();
  assert.equal(second.numThreads, 2);
  assert.throws(() => openDevice({ numThreads: 1 }), {
    message: "device cpu: expected 2 threads, as the device that is open already has, got 1. Close that one first.",
  });
  first.close();
  assert.equal(await runOnce(second), 64 ** 3);
  second.close();
});

test("a device that is not there is refused in one line", { skip: process.platform !== "linux" }, () => {
  process.env["VK_DRIVER_FILES"] = "/no/driver.json"; // read by the Vulkan loader: no graphics device, whatever the machine has
  assert.throws(() => openDevice({ device: "webgpu" }), {
    message:
      "device webgpu: expected a graphics device with a driver for Vulkan, Metal or Direct3D 12, got none. Set device: cpu.",
  });
  const libraries =
    /^device cuda: expected ONNX Runtime's libraries for CUDA 12 beside .*libonnxruntime.so.1, got none\. On Linux \(x64\), npm rebuild onnxruntime-node --onnxruntime-node-install=cuda12 downloads them\. Set device: cpu\.$/;
  assert.throws(() => openDevice({ device: "cuda" }), { message: libraries });
});

test("a senseless number of threads is refused", () => {
  for (const numThreads of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => openDevice({ numThreads }), {
      message: `device cpu: expected a whole number of threads from 1 on, got ${numThreads}.`,
    });
  }
});

test("on the CPU an uploaded array is the array itself, and copies go from one array to another", async () => {
  const device = openDevice();
  const [state, other] = [float32([2, 2], [1, 2, 3, 4]), float32([4], [5, 6, 7, 8])];
  assert.equal(await device.upload(state), state);
  await device.copy(other, state);
  assert.deepEqual([...state.data], [5, 6, 7, 8]);
  await device.copy(state, state);
  device.release(state);
  assert.deepEqual([...state.data], [5, 6, 7, 8]);
  device.close();
});

test("a closed device closes its sessions and opens no more", async () => {
  const device = openDevice();
  const session = device.open(productGraph());
  device.close();
  device.close();
  await assert.rejects(session.run(new Map()), { message: "graph product: it is closed and cannot run." });
  assert.throws(() => device.open(productGraph()), { message: "device cpu: it is closed and cannot open a graph." });
});

test("opening and closing fifty times gives the memory back", async () => {
  const openAndRun = async () => {
    const device = openDevice();
    assert.equal(await runOnce(device), 64 ** 3);
    device.close();
  };
  const wide = new Graph("wide"); // 16 MB of constants: a leak of one session would show
  wide.output("y", matMul(wide.input("x", [1, 2048]), wide.constant(float32([2048, 2048], new Float32Array(2 ** 22).fill(1)))));
  const openWide = async () => {
    const device = openDevice();
    const session = device.open(wide);
    await session.run(new Map([["x", float32([1, 2048], new Float32Array(2048).fill(1))]]));
    device.close();
  };
  for (let turn = 0; turn < 10; turn++) await openWide();
  const before = process.memoryUsage().rss;
  for (let turn = 0; turn < 50; turn++) await (turn % 2 === 0 ? openAndRun : openWide)();
  const growth = process.memoryUsage().rss - before;
  assert.ok(growth < 150e6, `grew by ${Math.round(growth / 1e6)} MB`);
});

// The slope of a rectifier through ONNX Runtime: as PyTorch has it, 0 at 0 and 1 for whatever is above.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { float32 } from "#base/array";
import { gradients } from "#engine/autodiff";
import { Graph, mul, reduceSum, relu } from "#engine/graph";
import { openDevice } from "#engine/runtime/native";

const device = openDevice({ numThreads: 1 });
after(() => device.close());

test("the slope of a rectifier is 0 at 0 and below, and 1 from the smallest normal number to the largest", async () => {
  const values = [-Infinity, -3e38, -1, -1.2e-38, -0, 0, 1.2e-38, 1e-30, 0.5, 3e38];
  const graph = new Graph("slope");
  const x = graph.input("x", [values.length]);
  const covector = graph.input("covector", [values.length]);
  graph.output("slope", gradients(reduceSum(mul(relu(x), covector)), [x])[0]!);
  const feeds = new Map([
    ["x", float32([values.length], Float32Array.from(values))],
    ["covector", float32([values.length], new Float32Array(values.length).fill(0.75))],
  ]);
  const slope = (await device.open(graph).run(feeds)).get("slope")!;
  assert.deepEqual([...slope.data], [0, 0, 0, 0, 0, 0, 0.75, 0.75, 0.75, 0.75]);
});

// suricate inspect on ONNX models: what one says of itself, and one line for a file that is none.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { float32 } from "#base/array";
import { add, Graph, matMul, relu } from "#engine/graph";
import { formatOnnx } from "#engine/runtime";
import { suricate } from "./suricate.ts";

let folder = "";

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-onnx-"));
  const graph = new Graph("two layers");
  const x = graph.input("x", [2, 3]);
  const first = relu(
    add(matMul(x, graph.constant(float32([3, 4], new Float32Array(12).fill(0.5)))), graph.constant(float32([4], [1, 2, 3, 4]))),
  );
  graph.output("y", matMul(first, graph.constant(float32([4, 5], new Float32Array(20).fill(2)))));
  writeFileSync(join(folder, "model.onnx"), formatOnnx(graph));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("inspect tells an ONNX model's inputs, outputs, operator set, parameters and operators", async () => {
  const { status, stdout, stderr } = await suricate(folder, "inspect", "model.onnx", "--json");
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.kind, "onnx");
  assert.deepEqual(report.inputs, [{ name: "x", type: "float32", shape: [2, 3] }]);
  assert.deepEqual(report.outputs, [{ name: "y", type: "float32", shape: [2, 5] }]);
  assert.deepEqual(report.operators, { MatMul: 2, Add: 1, Relu: 1 });
  assert.equal(report.numNodes, 4);
  assert.equal(report.numParameters, 3 * 4 + 4 + 4 * 5);
  assert.ok(report.opsets["ai.onnx"] >= 17);
  const { stdout: lines } = await suricate(folder, "inspect", "model.onnx");
  assert.match(lines, /^ {2}ONNX model +IR \d+, ai\.onnx \d+/m);
  assert.match(lines, /^ {2}input +x: float32 \[2, 3\]$/m);
  assert.match(lines, /^ {2}output +y: float32 \[2, 5\]$/m);
  assert.match(lines, /^ {2}parameters +36$/m);
  assert.match(lines, /^ {2}operators +4: MatMul 2, Add 1, Relu 1$/m);
});

test("a file that is cut short, empty or something else is told in one line", async () => {
  const bytes = readFileSync(join(folder, "model.onnx"));
  writeFileSync(join(folder, "cut.onnx"), bytes.subarray(0, bytes.length - 60));
  writeFileSync(join(folder, "empty.onnx"), "");
  writeFileSync(join(folder, "text.onnx"), "this is no model\n");
  for (const name of ["cut.onnx", "empty.onnx", "text.onnx"]) {
    const { status, stdout, stderr } = await suricate(folder, "inspect", name, "--json");
    assert.equal(status, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, new RegExp(`^suricate: (FileFormatError: )?${name.replace(".", "\\.")}: [^\n]+\n$`));
  }
});

// ONNX files of others, read by our own reader before ONNX Runtime sees them: what is told of right ones, what is refused of bad ones.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ProtoWriter } from "#base/files";
import { checkOnnxFile } from "#engine/runtime/native";
import { externalTensor, foreignModel, KERNEL_VALUES, node, rawTensor } from "./foreign-models.ts";

let folder = "";
const at = (name: string) => join(folder, "models", name);
const EXTERNAL = { location: "kernels.bin", offset: "0", length: "48" };

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-onnx-"));
  mkdirSync(join(folder, "models"));
  writeFileSync(at("kernels.bin"), new Uint8Array(KERNEL_VALUES.buffer));
  writeFileSync(join(folder, "outside.bin"), new Uint8Array(48));
  symlinkSync(join(folder, "outside.bin"), at("link.bin"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

function check(bytes: Uint8Array) {
  writeFileSync(at("model.onnx"), bytes);
  return checkOnnxFile(at("model.onnx"));
}

test("inputs, outputs, operator sets and sizes of a model are told as they stand in it", () => {
  const summary = check(foreignModel());
  assert.deepEqual(summary.inputs, [{ name: "pictures", elementType: 1, shape: ["n", 3, "h", "w"] }]);
  assert.deepEqual(
    summary.outputs.map(({ name, shape }) => [name, shape]),
    [
      ["maps", ["n", 4, "h", "w"]],
      ["pooled", ["n", 4, 1, 1]],
      ["vector", ["n", 4]],
    ],
  );
  assert.deepEqual([summary.irVersion, summary.producer, summary.numNodes], [8, "another", 3]);
  assert.deepEqual([...summary.opsets], [["", 17]]);
  assert.deepEqual(summary.external, []);
});

test("weights in a file beside the model are found, with their place in it", () => {
  const { external } = check(foreignModel({ kernels: externalTensor("kernels", [4, 3, 1, 1], EXTERNAL) }));
  assert.deepEqual(external, [{ tensor: "kernels", location: "kernels.bin", offset: 0, numBytes: 48 }]);
});

test("a weight that is listed number by number is counted too", () => {
  const listed = (count: number) =>
    new ProtoWriter()
      .packedVarints(1, [4, 3, 1, 1])
      .varint(2, 1)
      .string(8, "kernels")
      .bytes(4, new Uint8Array(4 * count));
  assert.equal(check(foreignModel({ kernels: listed(12) })).numNodes, 3);
  assert.throws(() => check(foreignModel({ kernels: listed(11) })), /\("kernels"\): expected 12 listed values, got 11\.$/);
});

const kernels = (dims: readonly number[], bytes = 48, type = 1) =>
  foreignModel({ kernels: rawTensor("kernels", dims, new Uint8Array(bytes), type) });
const external = (notes: Readonly<Record<string, string>>) =>
  foreignModel({ kernels: externalTensor("kernels", [4, 3, 1, 1], { ...EXTERNAL, ...notes }) });
const nested = (depth: number): ProtoWriter => {
  const graph = depth === 0 ? new ProtoWriter() : new ProtoWriter().message(1, nested(depth - 1));
  return node("If", ["maps"], "x").message(5, new ProtoWriter().string(1, "then_branch").message(6, graph));
};

const BAD: Readonly<Record<string, readonly [Uint8Array, RegExp]>> = {
  "an empty file": [
    new Uint8Array(0),
    /: not an ONNX model: expected a graph, an IR version and an operator set, got no graph, no IR version, no operator set\.$/,
  ],
  "a page of text": [new TextEncoder().encode("<!DOCTYPE html><title>404</title>"), /: (byte \d+|field \d+|not an ONNX model): /],
  "a zip archive": [Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0), /: byte \d+: expected /],
  "half a model": [
    foreignModel().subarray(0, 120),
    /: expected at most \d+ bytes, which are left, got a field of \d+\. The file is cut short/,
  ],
  "a weight with fewer bytes than its shape": [
    kernels([4, 3, 1, 2]),
    /graph: initializer 0 \("kernels"\): expected 96 bytes for \[4, 3, 1, 2\], got 48\.$/,
  ],
  "a weight of 10^18 numbers": [
    kernels([1e6, 1e6, 1e6]),
    /expected a tensor that a computer can hold, got 1000000000000000000 elements\.$/,
  ],
  "a weight of a negative size": [kernels([4, -3, -1, 1]), /expected sizes of 0 or more, got -3\.$/],
  "a weight of an unknown type": [kernels([4, 3, 1, 1], 48, 99), /expected an element type that ONNX has, got 99\.$/],
  "a weight outside the folder": [
    external({ location: "../outside.bin" }),
    /external data of "kernels": expected a file in the model's folder, got "\.\.\/outside\.bin"\.$/,
  ],
  "a weight at an absolute path": [
    external({ location: "/etc/passwd" }),
    /expected a file in the model's folder, got "\/etc\/passwd"\.$/,
  ],
  "a weight behind a link out of the folder": [external({ location: "link.bin" }), /got "link\.bin", which links out of it\.$/],
  "a weight in a file that is not there": [external({ location: "gone.bin" }), /expected a file .*gone\.bin, got none\.$/],
  "a weight behind its file's end": [
    external({ offset: "4" }),
    /expected 48 bytes from byte 4 of .*kernels\.bin, got a file of 48\. The file is cut short\.$/,
  ],
  "a weight of another length": [external({ length: "44" }), /expected 48 bytes of external data, got a length of 44\.$/],
  "a weight at a place that is no number": [external({ offset: "-4" }), /offset: expected a whole number from 0 on, got "-4"\.$/],
  "a weight without a place": [
    foreignModel({ kernels: externalTensor("kernels", [4, 3, 1, 1], {}) }),
    /expected the location of its external data, got none\.$/,
  ],
  "operators of somebody's own": [
    foreignModel({ domain: "my.company" }),
    /expected operators of ai\.onnx or com\.microsoft, got some of "my\.company"\.$/,
  ],
  "graphs in graphs without end": [
    foreignModel({ extraNodes: [nested(40)] }),
    /expected graphs at most 16 deep inside each other, got more\.$/,
  ],
};

for (const [what, [bytes, message]] of Object.entries(BAD)) {
  test(`${what} is refused in one line that names the file`, () => {
    assert.throws(
      () => check(bytes),
      (error: Error) => {
        assert.equal(error.name, "FileFormatError");
        assert.ok(error.message.startsWith(at("model.onnx")), error.message);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("a file above the two gibibytes of a message is refused without being read", () => {
  writeFileSync(at("huge.onnx"), "");
  truncateSync(at("huge.onnx"), 2 ** 31);
  assert.throws(
    () => checkOnnxFile(at("huge.onnx")),
    /huge\.onnx: expected an ONNX file of at most 2147483647 bytes, got 2147483648\./,
  );
});

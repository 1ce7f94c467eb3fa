// ONNX models of others as backbones: what they are shown, which output is taken, and what is said of those that do not fit.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomFor } from "#base/array";
import { openGuestModel } from "#engine/runtime/native";
import { openBackbone } from "#learn/embeddings/native";
import { assertClose } from "../../compare.ts";
import { externalTensor, foreignModel, KERNEL_VALUES, node } from "../../engine/runtime/foreign-models.ts";

let folder = "";
const at = (name: string) => join(folder, name);
const write = (name: string, bytes: Uint8Array) => writeFileSync(at(name), bytes);
const SIDE = 6;
const OPTIONS = { cropSize: 40, inputSize: SIDE, numThreads: 1 };

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-onnx-backbone-"));
  write("model.onnx", foreignModel());
});
after(() => rmSync(folder, { recursive: true, force: true }));

function pictures(count: number): Float32Array {
  const random = randomFor(3, "pictures");
  return Float32Array.from({ length: count * SIDE * SIDE }, () => random.uniform());
}

/** The model's own formula: each kernel times each channel's mean, where every channel is (grey - mean) / std. */
function wantedVectors(images: Float32Array, mean: readonly number[], std: readonly number[]): number[] {
  const numPixels = SIDE * SIDE;
  return Array.from({ length: images.length / numPixels }, (_, row) => {
    const grey = images.subarray(row * numPixels, (row + 1) * numPixels).reduce((sum, value) => sum + value, 0) / numPixels;
    return Array.from({ length: 4 }, (__, output) =>
      [0, 1, 2].reduce(
        (sum, channel) => sum + KERNEL_VALUES[3 * output + channel]! * ((grey - mean[channel]!) / std[channel]!),
        0,
      ),
    );
  }).flat();
}

for (const output of ["vector", "pooled"]) {
  test(`output "${output}" of a model of colour pictures embeds grey ones, repeated in every channel`, async () => {
    const backbone = await openBackbone(`${at("model.onnx")}#${output}`, { ...OPTIONS, batchSize: 4 });
    try {
      assert.deepEqual([backbone.dim, backbone.inputSize, backbone.seenRows], [4, SIDE, []]);
      const images = pictures(11);
      assertClose(await backbone.embed(images, 11), wantedVectors(images, [0, 0, 0], [1, 1, 1]), 1e-6, "embeddings");
    } finally {
      backbone.close();
    }
  });
}

test("a registry's mean and spread are taken channel by channel, and its output by name", async () => {
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ] as const;
  const entry = `foreign:\n  title: Foreign\n  file: model.onnx\n  part: vector\n  input: { resize: ${SIDE}, channels: 3, mean: [${mean}], std: [${std}] }\n`;
  write("registry.yaml", new TextEncoder().encode(entry));
  process.env["SURICATE_BACKBONES"] = at("registry.yaml");
  try {
    const backbone = await openBackbone("foreign", { cropSize: 40, numThreads: 1 });
    const images = pictures(3);
    assertClose(await backbone.embed(images, 3), wantedVectors(images, mean, std), 1e-5, "embeddings");
    backbone.close();
  } finally {
    delete process.env["SURICATE_BACKBONES"];
  }
});

test("a model of a fixed number of pictures is filled up, and one of a fixed size is shown that size", async () => {
  write("fixed.onnx", foreignModel({ inputShape: [4, 3, SIDE, SIDE], outputs: [{ name: "vector", shape: [4, 4] }] }));
  const backbone = await openBackbone(at("fixed.onnx"), { cropSize: 40, numThreads: 1 });
  const images = pictures(6);
  assertClose(await backbone.embed(images, 6), wantedVectors(images, [0, 0, 0], [1, 1, 1]), 1e-6, "embeddings");
  backbone.close();
});

test("weights in another file are read from beside the model, wherever the command is called from", async () => {
  write("kernels.bin", new Uint8Array(KERNEL_VALUES.buffer));
  const kernels = externalTensor("kernels", [4, 3, 1, 1], { location: "kernels.bin", offset: "0", length: "48" });
  write("external.onnx", foreignModel({ kernels, outputs: [{ name: "vector", shape: ["n", 4] }] }));
  const backbone = await openBackbone(at("external.onnx"), OPTIONS);
  const images = pictures(2);
  assertClose(await backbone.embed(images, 2), wantedVectors(images, [0, 0, 0], [1, 1, 1]), 1e-6, "embeddings");
  backbone.close();
});

const three = [
  { name: "maps", shape: ["n", 4, "h", "w"] },
  { name: "pooled", shape: ["n", 4, 1, 1] },
] as const;
const UNFIT: Readonly<Record<string, readonly [Uint8Array, string, RegExp]>> = {
  "several outputs and no name": [
    foreignModel(),
    "",
    /expected one output, or one called "embedding", got "maps" float32 \[n, 4, h, w\], .* Name one: --backbone .*#vector\.$/,
  ],
  "an output that is not there": [foreignModel(), "#pooler", /#pooler: expected an output of that name, got "maps" float32/],
  "an output that is no vector": [
    foreignModel({ outputs: three }),
    "#maps",
    /output "maps": expected one float32 vector a picture, \[1, length\], got float32 \[1,4,6,6\]\.$/,
  ],
  "an input that is no picture": [
    foreignModel({ inputShape: ["n", 3] }),
    "#vector",
    /expected one input of square float32 pictures \[batch, channels, rows, columns\], got "pictures" float32 \[n, 3\]\.$/,
  ],
  "pictures that are not square": [
    foreignModel({ inputShape: ["n", 3, 6, 8] }),
    "#vector",
    /expected one input of square float32 pictures/,
  ],
  "pictures of another size than asked for": [
    foreignModel({ inputShape: ["n", 3, 8, 8] }),
    "#vector",
    /expected pictures of 8 x 8 pixels, as it takes, got a recipe for 6\.$/,
  ],
  "an operator that nobody knows": [
    foreignModel({ extraNodes: [node("Frobnicate", ["maps"], "x")] }),
    "#vector",
    /unfit\.onnx: .*Frobnicate/,
  ],
  "an IR version of the future": [foreignModel({ irVersion: 99 }), "#vector", /unfit\.onnx: .*IR version/i],
};

for (const [what, [bytes, part, message]] of Object.entries(UNFIT)) {
  test(`a model with ${what} is refused in one line`, async () => {
    write("unfit.onnx", bytes);
    await assert.rejects(openBackbone(`${at("unfit.onnx")}${part}`, OPTIONS), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  });
}

test("8 bits are refused of an ONNX model", async () => {
  const opening = openBackbone(`${at("model.onnx")}#vector`, { ...OPTIONS, precision: "int8" });
  await assert.rejects(opening, {
    message: /^ConfigError: --int8: expected a Vision Transformer, whose linear layers it quantises, got an ONNX model \(/,
  });
});

test("a model whose process ends is one line here, and the next one runs", async () => {
  const model = await openGuestModel({ path: at("model.onnx"), numThreads: 1 });
  process.kill(model.processId, "SIGSEGV");
  const feeds = new Map([["pictures", { dtype: "float32", shape: [1, 3, 2, 2], data: new Float32Array(12) } as const]]);
  await assert.rejects(
    model.run(feeds, "vector"),
    /^Error: .*model\.onnx: while it ran, ONNX Runtime's process ended \(SIGSEGV\)\.$/,
  );
  model.close();
  const next = await openGuestModel({ path: at("model.onnx"), numThreads: 1 });
  assert.deepEqual((await next.run(feeds, "vector")).shape, [1, 4]);
  next.close();
});

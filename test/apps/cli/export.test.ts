// suricate export, as a person calls it: files of a run's backbone that embed as the run does, and what their cards say.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { randomFor } from "#base/array";
import { readSafetensors, sha256OfFile } from "#base/files/disk";
import { backboneBuffers, backboneConfigSchema, backboneParameters, sampleParameters } from "#engine/nn";
import { checkOnnxFile } from "#engine/runtime/native";
import { readEmbeddings } from "#learn/embeddings/disk";
import { createRun } from "#learn/runs/disk";
import { writeCropSet } from "#sky/survey/disk";
import { assertClose } from "../../compare.ts";
import { cropRecord, cropSetOf } from "../../learn/crop-sets.ts";
import { suricate } from "./suricate.ts";

const SIDE = 16;
const BACKBONES = {
  vit: backboneConfigSchema.parse({
    patchSize: 4,
    embedDim: 64,
    depth: 2,
    numHeads: 2,
    imageSize: SIDE,
    inputMean: 0.3,
    inputStd: 0.2,
  }),
  resnet: backboneConfigSchema.parse({ kind: "resnet", depth: 18, width: 4, imageSize: 32, inputMean: 0.1 }),
};

let folder = "";
const at = (name: string) => join(folder, name);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-export-"));
  const random = randomFor(52, "export crops");
  const records = Array.from({ length: 11 }, (_, row) => cropRecord({ id: `c${row}` }));
  const squares = records.map(() => Float32Array.from({ length: SIDE ** 2 }, () => random.uniform()));
  const { info } = cropSetOf(records, SIDE, squares);
  await writeCropSet({ out: at("crops"), storedSize: SIDE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const square of squares) append(square);
    return { info, records };
  });
  for (const [name, backbone] of Object.entries(BACKBONES)) {
    const cropSet = { name: "tiny", crops: 11, fields: 2, cropSize: SIDE, fluxUnit: "Jy/beam", tiling: "cover" };
    const info = {
      ...{ versions: { suricate: "0.0.1" }, seed: 7, inputs: [], keep: { last: 1, every: null }, config: { backbone } },
      cropSet: { ...cropSet, lowPercentile: 2, highPercentile: 99.9 },
    };
    const run = createRun(at(name), info, { seenRows: [{ cropSetName: "tiny", cropSetSha256: "00", ids: ["c1", "c4"] }] });
    const arrays = sampleParameters([...backboneParameters(backbone), ...backboneBuffers(backbone)], 9);
    run.writeCheckpoint(
      { epoch: 3, stepInEpoch: 0, step: 12 },
      new Map([...arrays].map(([key, array]) => [`teacher.${key}`, array])),
      {},
    );
    run.close();
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function embedded(backbone: string) {
  const { status, stderr } = await suricate(
    folder,
    "embed",
    "crops",
    "--backbone",
    backbone,
    "--out",
    "table.parquet",
    "--batch",
    "4",
  );
  assert.equal(status, 0, stderr);
  return readEmbeddings(at("table.parquet"));
}

for (const name of ["vit", "resnet"] as const) {
  test(`a ${name} exported to ONNX embeds as its run does and still knows which crops it has seen`, async () => {
    const { status, stdout, stderr } = await suricate(folder, "export", name, "--out", `${name}.onnx`, "--json");
    assert.equal(status, 0, stderr);
    const said = JSON.parse(stdout);
    assert.equal(said.sha256, sha256OfFile(at(`${name}.onnx`)));
    const wanted = await embedded(name);
    const got = await embedded(`${name}.onnx`);
    assert.equal(got.dim, wanted.dim);
    // The exported form has attention in plain products, in another order of sums.
    assertClose(got.embeddings, wanted.embeddings, 2e-5, "embeddings");
    assert.deepEqual(got.seenIds, ["c1", "c4"]);
    assert.deepEqual(wanted.seenIds, ["c1", "c4"]);
  });

  test(`a ${name} exported to safetensors embeds exactly as its run does`, async () => {
    const { status, stderr } = await suricate(folder, "export", name, "--out", `${name}.safetensors`, "--no-card");
    assert.equal(status, 0, stderr);
    assert.equal(existsSync(at(`${name}.safetensors.md`)), false);
    const got = await embedded(`${name}.safetensors`);
    assert.deepEqual(got.embeddings, (await embedded(name)).embeddings);
    assert.deepEqual(got.seenIds, ["c1", "c4"]);
  });
}

test("an exported file's metadata say what it was trained on, from which paper, and how pixels become its input", async () => {
  await suricate(folder, "export", "vit", "--out", "noted.onnx");
  await suricate(folder, "export", "vit", "--out", "noted.safetensors");
  const summary = checkOnnxFile(at("noted.onnx"));
  assert.deepEqual(summary.inputs, [{ name: "images", elementType: 1, shape: ["batch", 1, SIDE, SIDE] }]);
  assert.deepEqual(summary.outputs, [{ name: "embedding", elementType: 1, shape: ["batch", 64] }]);
  assert.deepEqual([...summary.domains], [""]);
  for (const notes of [summary.metadata, new Map(Object.entries(readSafetensors(at("noted.safetensors")).metadata))]) {
    assert.deepEqual(JSON.parse(notes.get("trainedOn")!), [{ cropSetName: "tiny", cropSetSha256: "00", crops: 2 }]);
    assert.match(notes.get("paper")!, /A&A 690, A310 \(2024\), arXiv:2408\.06147/);
    assert.match(
      notes.get("pixels")!,
      /^flux mapped linearly from the 2 and 99\.9 % percentiles of its whole field to \[0, 1\] and clipped; resized to 16 x 16/,
    );
    assert.deepEqual(JSON.parse(notes.get("input")!), { resize: SIDE });
    assert.deepEqual(JSON.parse(notes.get("backbone")!), BACKBONES.vit);
    assert.equal(JSON.parse(notes.get("trained")!).epoch, 3);
  }
});

test("the model card tells input, output, use, training and limits", async () => {
  await suricate(folder, "export", "vit", "--out", "carded.onnx");
  const card = readFileSync(at("carded.onnx.md"), "utf8");
  const headings = [...card.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
  const title = "Vision Transformer (64 wide, 2 blocks, patches of 4 pixels), trained on tiny";
  assert.deepEqual(headings, [title, "Input", "Output", "Use", "Training", "Limits", "File"]);
  assert.match(card, /`images`, float32 \[batch, 1, 16, 16\]/);
  assert.match(card, /`embedding`, float32 \[batch, 64\]/);
  assert.match(card, /After 3 epochs \(12 optimiser steps\), seed 7/);
  assert.match(card, /- 2 crops of `tiny` \(SHA-256 00\)/);
  assert.ok(card.includes(sha256OfFile(at("carded.onnx"))));
  await suricate(folder, "export", "vit", "--out", "carded.safetensors", "--card", "card.md");
  assert.match(readFileSync(at("card.md"), "utf8"), /no part of the tensors: mean 0\.3, std 0\.2\./);
});

test("a transformer is exported for larger pictures too, whose positions are resized inside", async () => {
  assert.equal((await suricate(folder, "export", "vit", "--out", "large.onnx", "--size", "32")).status, 0);
  assert.deepEqual(checkOnnxFile(at("large.onnx")).inputs[0]!.shape, ["batch", 1, 32, 32]);
  assert.equal((await embedded("large.onnx")).dim, 64);
});

for (const [args, message] of [
  [["vit", "--out", "x.pb"], "export --out x.pb: expected a file .onnx or .safetensors."],
  [["pixels", "--out", "x.onnx"], "export pixels: expected a network, got a floor, which has no weights."],
  [["vit", "--out", "x.onnx", "--size", "18"], "export --size: expected a side that patches of 4 pixels divide, got 18."],
  [["nothing", "--out", "x.onnx"], '--backbone nothing: there is no run in "nothing".'],
] as const) {
  test(`export ${args.join(" ")} is refused in one line`, async () => {
    const { status, stderr } = await suricate(folder, "export", ...args);
    assert.equal(status, message.startsWith("export --out") ? 2 : 1);
    assert.match(stderr, /^suricate: .*\n$/);
    assert.ok(stderr.includes(message), stderr);
    assert.equal(existsSync(at("x.onnx")), false);
  });
}

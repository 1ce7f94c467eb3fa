// Exported files in other hands: PyTorch's own modules load the state dict with strict=True and embed the same, and so does the ONNX model.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ndArray, randomFor } from "#base/array";
import { readSafetensors, writeSafetensors } from "#base/files/disk";
import { backboneBuffers, backboneConfigSchema, backboneParameters, sampleParameters } from "#engine/nn";
import { exportedOnnx, exportedTensors, openBackbone, openExport } from "#learn/embeddings/native";
import { createRun } from "#learn/runs/disk";
import { peerEnvironment, pythonCommand } from "../../bench/peer-python.ts";
import { assertClose } from "../compare.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";

const skip = pythonSkip(["torch"]);
const script = join(projectRoot, "test", "reference", "exported_backbone.py");
const NUM_IMAGES = 3;

/** The paper's networks, narrower: the names are the same. */
const NETWORKS = {
  "ResNet-18": { kind: "resnet", depth: 18, width: 16, imageSize: 96, inputMean: 0.2, inputStd: 0.3 },
  "ResNet-50": { kind: "resnet", depth: 50, width: 16, imageSize: 96 },
  "ResNet-18 with a stem of 3 x 3": {
    kind: "resnet",
    depth: 18,
    stemKernelSize: 3,
    stemStride: 1,
    imageSize: 40,
    stemPooling: "none",
  },
  "ViT-Ti/8": { embedDim: 192, numHeads: 3, imageSize: 96, inputMean: 0.1, inputStd: 0.5 },
} as const;

let folder = "";
const at = (name: string) => join(folder, name);
before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-export-torch-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const [what, settings] of Object.entries(NETWORKS)) {
  test(`an exported ${what} is PyTorch's own network: strict loading, the same embeddings, from ONNX too`, { skip }, async () => {
    const backbone = backboneConfigSchema.parse(settings);
    const info = { versions: {}, seed: 0, inputs: [], keep: { last: 1, every: null }, config: { backbone } };
    const run = createRun(at(what), info, { seenRows: [] });
    const sampled = sampleParameters([...backboneParameters(backbone), ...backboneBuffers(backbone)], 5);
    const random = randomFor(6, what);
    // Running averages and scales away from 0 and 1, as after training.
    const arrays = [...sampled].map(([name, { shape, data }]) => {
      const isSpread = shape.length === 1 && /(bn|norm|downsample)/.test(name);
      const moved = isSpread
        ? data.map((value) => value + (name.endsWith("running_var") ? 1 : 0.6) * 0.3 * random.uniform())
        : data;
      return [`teacher.${name}`, ndArray("float32", shape, moved)] as const;
    });
    run.writeCheckpoint({ epoch: 1, stepInEpoch: 0, step: 1 }, new Map(arrays), {});
    run.close();

    const opened = openExport(at(what), { versions: { suricate: "test" } });
    const { tensors, metadata } = exportedTensors(opened);
    writeSafetensors(at("exported.safetensors"), tensors, metadata);
    writeFileSync(at("exported.onnx"), exportedOnnx(opened));
    const side = backbone.imageSize;
    const pictures = Float32Array.from({ length: NUM_IMAGES * side * side }, () => random.uniform());
    writeSafetensors(
      at("pictures.safetensors"),
      new Map([["images", ndArray("float32", [NUM_IMAGES, 1, side, side], pictures)]]),
    );
    const paths = ["exported", "pictures", "output"].map((name) => at(`${name}.safetensors`));
    const result = spawnSync(pythonCommand(), ["-B", script, ...paths], { encoding: "utf8", env: peerEnvironment() });
    assert.equal(result.status, 0, result.stderr);
    const wanted = readSafetensors(at("output.safetensors")).tensors.get("embedding")!.data as Float32Array;

    for (const name of [at(what), at("exported.onnx"), at("exported.safetensors")]) {
      const embedder = await openBackbone(name, { cropSize: side, numThreads: 2 });
      assertClose(await embedder.embed(pictures, NUM_IMAGES), wanted, 1e-4, name);
      embedder.close();
    }
  });
}

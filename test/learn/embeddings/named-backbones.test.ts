// The six backbones of the paper's Table 3 by their names: weights in the names of each one's own files, shown crops as its entry says.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type NdArray, ndArray, randomFor } from "#base/array";
import { writeSafetensors } from "#base/files/disk";
import { evaluateGraph, Graph, hostTensorOf, named } from "#engine/graph";
import {
  type BackboneConfig,
  backbone,
  backboneBuffers,
  backboneParameters,
  parameterConstants,
  resnetConfigSchema,
  sampleParameters,
  type VitConfig,
} from "#engine/nn";
import { embedCropSet } from "#learn/embeddings";
import { openBackbone } from "#learn/embeddings/native";
import { readRegistry } from "#learn/runs/disk";
import { assertClose } from "../../compare.ts";
import { cropRecord, cropSetOf } from "../crop-sets.ts";

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
const VIT: VitConfig = { imageChannels: 1, patchSize: 8, embedDim: 64, depth: 1, numHeads: 1, mlpRatio: 4, imageSize: 224 };
const resnet = (depth: 18 | 50, more: object) => resnetConfigSchema.parse({ kind: "resnet", depth, width: 4, ...more });

/** Names as torch.nn.Sequential gives them: the layers by their number. */
const sequential = (name: string) =>
  name
    .replace(/^conv1\./, "0.")
    .replace(/^bn1\./, "1.")
    .replace(/^layer(\d)/, (_, stage) => String(Number(stage) + 3));

interface Named {
  /** Much narrower than the real one; depth and stem, or patches and channels, as in the real one. */
  readonly config: BackboneConfig;
  /** A name of torchvision's or DINO's as the file has it. */
  readonly inFile: (name: string) => string;
  /** Other tensors of the file, which are passed over: names of another network's, or of heads. */
  readonly others: (name: string) => readonly string[];
  readonly cropSize: number;
  /** What the network is shown of a crop: the side of its middle, and mean and spread by channel. */
  readonly shown: { readonly side: number; readonly mean: readonly number[]; readonly std: readonly number[] };
}

const AS_IT_IS = { side: 224, mean: [0], std: [1] };
const CASES: Readonly<Record<string, Named>> = {
  "mgcls-resnet50": {
    config: resnet(50, {}),
    inFile: (name) => `teacher.backbone.${name}`,
    others: (name) => [`student.module.backbone.${name}`],
    ...{ cropSize: 224, shown: AS_IT_IS },
  },
  "mgcls-vits8": {
    config: VIT,
    inFile: (name) => `teacher.backbone.${name}`,
    others: (name) => [`student.module.backbone.${name}`],
    ...{ cropSize: 224, shown: AS_IT_IS },
  },
  "dino-resnet50": {
    config: resnet(50, { imageChannels: 3 }),
    inFile: (name) => name,
    others: () => [],
    ...{ cropSize: 224, shown: { side: 224, ...IMAGENET } },
  },
  "dinov2-vitg14": {
    config: {
      ...{ ...VIT, imageChannels: 3, patchSize: 14, imageSize: 518, numRegisters: 4, layerScale: 1e-5, mlp: "swiglu" },
      positionResize: "antialias",
    },
    inFile: (name) => name,
    others: () => [],
    ...{ cropSize: 224, shown: { side: 224, ...IMAGENET } },
  },
  "gz2-moco": {
    config: resnet(50, { imageChannels: 5 }),
    inFile: (name) => `state_dict.module.encoder_q.${name}`,
    others: (name) => [`state_dict.module.encoder_k.${name}`],
    ...{ cropSize: 224, shown: { ...AS_IT_IS, mean: [0, 0, 0, 0, 0], std: [1, 1, 1, 1, 1] } },
  },
  "rgz-byol": {
    config: resnet(18, { stemKernelSize: 3, stemStride: 1 }),
    inFile: (name) => `state_dict.backbone.${sequential(name)}`,
    others: (name) => [`state_dict.backbone_momentum.${sequential(name)}`],
    ...{ cropSize: 150, shown: { side: 70, mean: [0.008009], std: [0.05303] } },
  },
};

let folder = "";
const registryBefore = process.env["SURICATE_BACKBONES"];

before(() => {
  folder = mkdtempSync(join(tmpdir(), "suricate-named-"));
  const own = readRegistry({});
  const entries = Object.entries(CASES).map(([name, { config, inFile, others }]) => {
    const arrays = sampleArrays(config);
    const wrong = sampleArrays(config, 4);
    const stored = [...arrays].flatMap(([tensor, array]) => [
      [inFile(tensor), array] as const,
      ...others(tensor).map((other) => [other, wrong.get(tensor)!] as const),
    ]);
    writeSafetensors(join(folder, `${name}.safetensors`), new Map(stored));
    // The program's own entry, with a file that is there.
    return [name, { ...own.get(name)!.entry, file: `${name}.safetensors` }];
  });
  writeFileSync(join(folder, "backbones.yaml"), JSON.stringify(Object.fromEntries(entries)));
  process.env["SURICATE_BACKBONES"] = join(folder, "backbones.yaml");
});
after(() => {
  if (registryBefore === undefined) delete process.env["SURICATE_BACKBONES"];
  else process.env["SURICATE_BACKBONES"] = registryBefore;
  rmSync(folder, { recursive: true, force: true });
});

function sampleArrays(config: BackboneConfig, seed = 3): Map<string, NdArray<"float32">> {
  return sampleParameters([...backboneParameters(config), ...backboneBuffers(config)], seed);
}

/** The middle of the crop, once a channel, less its mean and over its spread. */
function shownPixels(crop: Float32Array, { cropSize, shown: { side, mean, std } }: Named): NdArray<"float32"> {
  const border = (cropSize - side) / 2;
  const values = mean.flatMap((shift, channel) =>
    Array.from({ length: side * side }, (_, place) => {
      const [y, x] = [border + Math.floor(place / side), border + (place % side)];
      return (crop[y * cropSize + x]! - shift) / std[channel]!;
    }),
  );
  return ndArray("float32", [1, mean.length, side, side], Float32Array.from(values));
}

for (const [name, one] of Object.entries(CASES)) {
  test(`${name} embeds a crop as the network in its file does what its entry shows it`, async () => {
    const random = randomFor(12, name);
    const crop = Float32Array.from({ length: one.cropSize ** 2 }, () => random.uniform());
    const graph = new Graph("wanted");
    const pixels = shownPixels(crop, one);
    const input = named(graph.input("images", pixels.shape), "B C H W", "images");
    const parameters = parameterConstants(graph, sampleArrays(one.config));
    graph.output("embedding", backbone(input, parameters, one.config, { mode: "running" }).embedding);
    const wanted = evaluateGraph(graph, new Map([["images", hostTensorOf(pixels)]])).get("embedding")!.data;

    const opened = await openBackbone(name, { cropSize: one.cropSize });
    try {
      const table = await embedCropSet(cropSetOf([cropRecord({ id: "a" })], one.cropSize, [crop]), opened, { batchSize: 1 });
      assert.deepEqual([table.backbone, table.dim], [name, wanted.length]);
      assert.ok(wanted.some((value) => Math.abs(value) > 1e-3));
      assertClose(table.embeddings, wanted, 1e-4, name);
    } finally {
      opened.close();
    }
  });
}

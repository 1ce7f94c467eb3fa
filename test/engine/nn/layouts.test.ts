// Names and layouts of other people's checkpoints, as their own code writes them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { float32, int64, type NdArray, ndArray } from "#base/array";
import {
  fittedWeights,
  kernelsForChannels,
  networksIn,
  networksUnder,
  ownName,
  ownTensors,
  preferredNetworks,
  type StoredTensor,
} from "#engine/nn";

const VIT = ["cls_token", "pos_embed", "patch_embed.proj.weight"];
const RESNET = ["conv1.weight", "bn1.weight", "layer1.0.conv1.weight"];
const under = (prefix: string, names: readonly string[]) => names.map((name) => prefix + name);

/** What is left when the networks that evaluation is not about are put aside. */
const CHECKPOINTS: readonly (readonly [what: string, names: readonly string[], prefix: string, layout: string])[] = [
  [
    "DINO's full checkpoint",
    [...under("student.module.backbone.", VIT), "student.module.head.mlp.0.weight", ...under("teacher.backbone.", VIT)],
    "teacher.backbone.",
    "vit",
  ],
  ["DINO's pretrained file", VIT, "", "vit"],
  [
    "MoCo v2",
    [...under("state_dict.module.encoder_q.", RESNET), ...under("state_dict.module.encoder_k.", RESNET)],
    "state_dict.module.encoder_q.",
    "resnet",
  ],
  [
    "MoCo v3",
    [...under("state_dict.module.base_encoder.", VIT), ...under("state_dict.module.momentum_encoder.", VIT)],
    "state_dict.module.base_encoder.",
    "vit",
  ],
  [
    "BYOL (online and target network)",
    [...under("online_network.encoder.", RESNET), ...under("target_network.encoder.", RESNET)],
    "online_network.encoder.",
    "resnet",
  ],
  [
    "RGZ BYOL in Lightning",
    [
      ...under("state_dict.backbone.", ["0.weight", "1.running_mean", "4.0.conv1.weight"]),
      ...under("state_dict.backbone_momentum.", ["0.weight", "1.running_mean", "4.0.conv1.weight"]),
    ],
    "state_dict.backbone.",
    "sequential-resnet",
  ],
  [
    "solo-learn",
    [...under("state_dict.backbone.", RESNET), ...under("state_dict.momentum_backbone.", RESNET)],
    "state_dict.backbone.",
    "resnet",
  ],
  ["torchvision's ViT", ["class_token", "conv_proj.weight", "encoder.pos_embedding"], "", "torchvision-vit"],
  ["Lightning's `model.`", under("model.", RESNET), "model.", "resnet"],
];

for (const [what, names, prefix, layout] of CHECKPOINTS) {
  test(`the network that evaluation is about is found in ${what}`, () => {
    assert.deepEqual(preferredNetworks(networksIn(names)), [{ prefix, layout }]);
  });
}

test("a subtree takes in what is under it, and nothing that merely begins like it", () => {
  const found = networksIn([...under("teacher.backbone.", VIT), ...under("teacher_old.backbone.", VIT)]);
  assert.equal(found.length, 2);
  assert.deepEqual(networksUnder(found, "teacher"), [{ prefix: "teacher.backbone.", layout: "vit" }]);
  assert.deepEqual(networksUnder(found, "student"), []);
});

test("a network that lacks one of its marks is none", () => {
  assert.deepEqual(networksIn(["patch_embed.proj.weight", "layer1.0.conv1.weight", "xl51.weight", "l0.weight"]), []);
});

test("names of torchvision, timm and DINOv2 become DINO's and torchvision's", () => {
  const names: readonly (readonly [Parameters<typeof ownName>[0], string, string | undefined])[] = [
    ["torchvision-vit", "encoder.layers.encoder_layer_11.ln_1.weight", "blocks.11.norm1.weight"],
    ["torchvision-vit", "encoder.layers.encoder_layer_0.self_attention.in_proj_weight", "blocks.0.attn.qkv.weight"],
    ["torchvision-vit", "encoder.layers.encoder_layer_0.self_attention.out_proj.bias", "blocks.0.attn.proj.bias"],
    ["torchvision-vit", "encoder.layers.encoder_layer_3.mlp.0.weight", "blocks.3.mlp.fc1.weight"],
    ["torchvision-vit", "encoder.layers.encoder_layer_3.mlp.linear_2.bias", "blocks.3.mlp.fc2.bias"],
    ["torchvision-vit", "encoder.ln.bias", "norm.bias"],
    ["torchvision-vit", "heads.head.weight", undefined],
    ["vit", "blocks.1.7.ls1.gamma", "blocks.7.ls1.gamma"],
    ["vit", "blocks.7.attn.q_proj.weight", "blocks.7.attn.q.weight"],
    ["vit", "reg_token", "register_tokens"],
    ["vit", "mask_token", undefined],
    ["vit", "head.weight", undefined],
    ["vit", "fc_norm.weight", "fc_norm.weight"],
    ["sequential-resnet", "0.weight", "conv1.weight"],
    ["sequential-resnet", "1.num_batches_tracked", undefined],
    ["sequential-resnet", "5.0.downsample.1.running_var", "layer2.0.downsample.1.running_var"],
    ["resnet", "fc.0.weight", undefined],
    ["resnet", "layer4.2.bn3.bias", "layer4.2.bn3.bias"],
  ];
  for (const [layout, given, wanted] of names) assert.equal(ownName(layout, given), wanted, given);
});

function stored(arrays: Readonly<Record<string, NdArray>>): Map<string, StoredTensor> {
  return new Map(
    Object.entries(arrays).map(([name, array]) => [name, { type: array.dtype, shape: array.shape, read: () => array }]),
  );
}

test("queries, keys and values that stand apart are joined in this order, one bias at a time", () => {
  const file = stored({
    "m.blocks.0.attn.k.weight": float32([1, 2], [3, 4]),
    "m.blocks.0.attn.q.weight": float32([1, 2], [1, 2]),
    "m.blocks.0.attn.v.weight": float32([1, 2], [5, 6]),
    "m.blocks.0.attn.q.bias": float32([1], [7]),
    "other.blocks.0.attn.q.weight": float32([1, 2], [9, 9]),
  });
  const { arrays, faults } = ownTensors({ prefix: "m.", layout: "vit" }, file);
  assert.deepEqual(faults, []);
  assert.deepEqual([...arrays.keys()].toSorted(), ["blocks.0.attn.q.bias", "blocks.0.attn.qkv.weight"]);
  assert.deepEqual(arrays.get("blocks.0.attn.qkv.weight"), float32([3, 2], [1, 2, 3, 4, 5, 6]));
});

test("positions without the class token get a zero in front, and those with one stay", () => {
  const positions = (count: number) =>
    float32(
      [1, count, 2],
      Array.from({ length: 2 * count }, (_, index) => index + 1),
    );
  const of = (count: number) =>
    ownTensors({ prefix: "", layout: "vit" }, stored({ pos_embed: positions(count) })).arrays.get("pos_embed")!;
  assert.deepEqual(of(4), float32([1, 5, 2], [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]));
  assert.deepEqual(of(5), positions(5));
});

test("timm's gated layer gets DINOv2's names, and a plain one keeps its own", () => {
  const names = (hidden: number) => {
    const layers = {
      "blocks.0.mlp.fc1.weight": float32([8, 2], new Array(16).fill(1)),
      "blocks.0.mlp.fc2.weight": float32([2, hidden], new Array(2 * hidden).fill(1)),
    };
    return [...ownTensors({ prefix: "", layout: "vit" }, stored(layers)).arrays.keys()];
  };
  assert.deepEqual(names(4), ["blocks.0.mlp.w12.weight", "blocks.0.mlp.w3.weight"]);
  assert.deepEqual(names(8), ["blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc2.weight"]);
});

test("whole numbers and two tensors for one name are faults", () => {
  const file = stored({ "0.weight": int64([1], [1]), "1.bias": float32([1], [2]), "bn1.bias": float32([1], [3]) });
  assert.deepEqual(ownTensors({ prefix: "", layout: "sequential-resnet" }, file).faults, [
    '"0.weight": expected numbers with a fraction, got int64',
    '"bn1.bias": expected one tensor for "bn1.bias", got two',
  ]);
});

test("tensors of 16 bits are widened to 32", () => {
  const half = ndArray("float16", [2], Uint16Array.of(0x3c00, 0xc000));
  const { arrays } = ownTensors({ prefix: "", layout: "resnet" }, stored({ "bn1.bias": half }));
  assert.deepEqual(arrays.get("bn1.bias"), float32([2], [1, -2]));
});

test("what is missing, misshapen or left over is all listed", () => {
  const specs = ["a", "b", "c"].map((name) => ({ name, shape: [2], initial: { kind: "zeros" as const } }));
  const { arrays, faults } = fittedWeights(
    specs,
    new Map<string, NdArray>([
      ["a", float32([2], [1, 2])],
      ["b", float32([1, 2], [1, 2])],
      ["d", int64([1], [1])],
    ]),
  );
  assert.deepEqual([...arrays.keys()], ["a"]);
  assert.deepEqual(faults, [
    '"b": expected float32 [2], got float32 [1,2]',
    '"c": expected float32 [2], got none',
    '"d": expected no such tensor, got int64 [1]',
  ]);
});

test("kernels of three channels are summed for one, and shared out for five with the same answer to grey pictures", () => {
  const kernels = float32([2, 3, 1, 2], [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]);
  const grey = kernelsForChannels(kernels, 1);
  assert.deepEqual(grey, float32([2, 1, 1, 2], [9, 12, 90, 120]));
  const five = kernelsForChannels(kernels, 5);
  assert.deepEqual(five.shape, [2, 5, 1, 2]);
  assert.deepEqual(kernelsForChannels(five, 1).data.map(Math.round), grey.data);
  assert.equal(kernelsForChannels(kernels, 3), kernels);
});

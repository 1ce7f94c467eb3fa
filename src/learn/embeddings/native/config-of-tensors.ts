// The shape of a network as its tensors tell it: for files that hold nothing but PyTorch's names.
import type { NdArray } from "#base/array";
import {
  type FrozenConfig,
  mobilenetConfigSchema,
  RESNET_DEPTHS,
  type ResnetConfig,
  resnetConfigSchema,
  type VitConfig,
} from "#engine/nn";
import { CheckpointError } from "#learn/runs";

type Tensors = ReadonlyMap<string, NdArray>;

/**
 * The shape of a Vision Transformer (DINO's names), a ResNet (torchvision's) or a MobileNetV2. What leaves no trace in the
 * tensors: heads are `metadata.numHeads` or else 64 wide, as in every named size; positions beside registers are resized as
 * DINOv2 does; a ResNet's stem has torchvision's stride and pooling, and is shown 224 pixels. Throws CheckpointError for others.
 */
export function configOfTensors(tensors: Tensors, metadata: Readonly<Record<string, string>>, where: string): FrozenConfig {
  const config = tensors.has("layer1.0.conv1.weight")
    ? resnetConfigOfTensors(tensors)
    : (mobilenetConfigOfTensors(tensors) ?? vitConfigOfTensors(tensors, metadata));
  if (config) return config;
  throw new CheckpointError(
    `${where}: expected a Vision Transformer (patch_embed.proj.weight, pos_embed, blocks.0.mlp.fc1.weight) or a ResNet-18, -34 ` +
      `or -50 (conv1.weight, layer1.0.conv1.weight), got ${tensors.size} tensors that are neither.`,
  );
}

function mobilenetConfigOfTensors(tensors: Tensors): FrozenConfig | undefined {
  const stem = tensors.get("l0.weight")?.shape;
  return stem?.length === 4 ? mobilenetConfigSchema.parse({ kind: "mobilenetv2", imageChannels: stem[1] }) : undefined;
}

function vitConfigOfTensors(tensors: Tensors, metadata: Readonly<Record<string, string>>): VitConfig | undefined {
  const patch = tensors.get("patch_embed.proj.weight")?.shape;
  const positions = tensors.get("pos_embed")?.shape;
  const mlp = mlpOfTensors(tensors);
  if (patch?.length !== 4 || positions?.length !== 3 || !mlp) return undefined;
  const [embedDim, imageChannels, patchSize] = patch as [number, number, number];
  const numRegisters = tensors.get("register_tokens")?.shape[1] ?? 0;
  return {
    imageChannels,
    patchSize,
    embedDim,
    depth: [...tensors.keys()].filter((name) => /^blocks\.\d+\.norm1\.weight$/.test(name)).length,
    numHeads: Number(metadata["numHeads"] ?? embedDim / 64),
    ...mlp,
    imageSize: Math.sqrt(positions[1]! - 1) * patchSize,
    ...(tensors.has("blocks.0.ls1.gamma") ? { layerScale: DINOV2_LAYER_SCALE } : {}),
    ...(numRegisters > 0 ? { numRegisters, positionResize: "antialias" as const } : {}),
    ...(tensors.has("blocks.0.attn.qkv.bias") ? {} : { qkvBias: false }),
  };
}

/** Where the factors of such a file began: only their being there matters. */
const DINOV2_LAYER_SCALE = 1e-5;

function mlpOfTensors(tensors: Tensors): Pick<VitConfig, "mlp" | "mlpRatio"> | undefined {
  const plain = tensors.get("blocks.0.mlp.fc1.weight")?.shape;
  if (plain?.length === 2) return { mlpRatio: plain[0]! / plain[1]! };
  const gated = tensors.get("blocks.0.mlp.w3.weight")?.shape;
  // A gated layer is two thirds as wide as the plain one that the ratio is of.
  return gated?.length === 2 ? { mlp: "swiglu", mlpRatio: (1.5 * gated[1]!) / gated[0]! } : undefined;
}

function resnetConfigOfTensors(tensors: Tensors): ResnetConfig | undefined {
  const stem = tensors.get("conv1.weight")?.shape;
  const numBlocks = [1, 2, 3, 4].map(
    (stage) => [...tensors.keys()].filter((name) => new RegExp(`^layer${stage}\\.\\d+\\.conv1\\.weight$`).test(name)).length,
  );
  const block = tensors.has("layer1.0.conv3.weight") ? "bottleneck" : "basic";
  const depths = Object.entries(RESNET_DEPTHS);
  const depth = depths.find(([, kind]) => kind.block === block && `${kind.numBlocks}` === `${numBlocks}`)?.[0];
  if (stem?.length !== 4 || depth === undefined) return undefined;
  const [width, imageChannels, stemKernelSize] = stem;
  return resnetConfigSchema.parse({ kind: "resnet", depth: Number(depth), width, imageChannels, stemKernelSize });
}

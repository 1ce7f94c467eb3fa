// The weights behind a backbone's name: a run's teacher (the paper's backbone), a file with PyTorch's names, or random ones.
import type { NdArray } from "#base/array";
import { ConfigError, checkConfig } from "#base/config";
import { readSafetensors } from "#base/files/disk";
import {
  type ParameterArrays,
  sampleParameters,
  VIT_SIZES,
  type VitConfig,
  vitConfigOf,
  vitConfigSchema,
  vitParameters,
} from "#engine/nn";
import { CheckpointError, type RunInfo } from "#learn/runs";
import { type FoundBackbone, readCheckpointFile } from "#learn/runs/disk";

/** A Vision Transformer that is ready to be built. */
export interface BackboneWeights {
  readonly name: string;
  readonly config: VitConfig;
  readonly parameters: ParameterArrays;
}

/** Reads or draws the weights. Throws CheckpointError that lists what is missing or misshapen, ConfigError for unknown shapes. */
export function loadWeights(found: Exclude<FoundBackbone, { kind: "floor" }>): BackboneWeights {
  const { name } = found;
  if (found.kind === "random") {
    const config = randomShape(found.shape);
    return { name, config, parameters: sampleParameters(vitParameters(config), found.seed) };
  }
  if (found.kind === "run") {
    const config = vitConfigOfRun(found.info, found.name);
    return {
      name,
      config,
      parameters: checkedParameters(config, readCheckpointFile(found.checkpointPath).tensors, "teacher.", name),
    };
  }
  const { tensors, metadata } = readSafetensors(found.path);
  const config = vitConfigOfTensors(tensors, metadata, found.path);
  return { name, config, parameters: checkedParameters(config, tensors, "", found.path) };
}

function randomShape(shape: string | RunInfo): VitConfig {
  if (typeof shape !== "string") return vitConfigOfRun(shape, "random");
  const config = vitConfigOf(shape);
  if (config) return config;
  const names = Object.keys(VIT_SIZES).join(", ");
  throw new ConfigError(
    `--backbone random:${shape}: expected a run folder, or one of ${names} and a patch size (vit-ti8), got "${shape}".`,
  );
}

function vitConfigOfRun({ config }: RunInfo, name: string): VitConfig {
  return checkConfig(vitConfigSchema, config["backbone"], `${name}: config.yaml: backbone`);
}

/** The shape that tensors themselves tell. Heads leave no trace: 64 wide, as in every named size, unless the metadata say. */
function vitConfigOfTensors(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>>,
  path: string,
): VitConfig {
  const patch = tensors.get("patch_embed.proj.weight")?.shape;
  const positions = tensors.get("pos_embed")?.shape;
  const hidden = tensors.get("blocks.0.mlp.fc1.weight")?.shape;
  if (patch?.length !== 4 || positions?.length !== 3 || hidden?.length !== 2) {
    throw new CheckpointError(
      `${path}: expected a Vision Transformer (patch_embed.proj.weight, pos_embed, blocks.0.mlp.fc1.weight), got ${tensors.size} other tensors.`,
    );
  }
  const [embedDim, imageChannels, patchSize] = patch as [number, number, number];
  const depth = [...tensors.keys()].filter((name) => /^blocks\.\d+\.norm1\.weight$/.test(name)).length;
  const numHeads = Number(metadata["numHeads"] ?? embedDim / 64);
  const gridSide = Math.sqrt(positions[1]! - 1);
  return {
    imageChannels,
    patchSize,
    embedDim,
    depth,
    numHeads,
    mlpRatio: hidden[0]! / embedDim,
    imageSize: gridSide * patchSize,
  };
}

/** The network's parameters out of a file's tensors, each found under `prefix` and of the right shape. */
function checkedParameters(
  config: VitConfig,
  tensors: ReadonlyMap<string, NdArray>,
  prefix: string,
  where: string,
): ParameterArrays {
  const faults: string[] = [];
  const parameters = new Map<string, NdArray<"float32">>();
  for (const { name, shape } of vitParameters(config)) {
    const tensor = tensors.get(`${prefix}${name}`);
    if (tensor?.dtype === "float32" && `${tensor.shape}` === `${shape}`) parameters.set(name, tensor as NdArray<"float32">);
    else
      faults.push(
        `"${prefix}${name}": expected float32 [${shape}], got ${tensor ? `${tensor.dtype} [${tensor.shape}]` : "none"}`,
      );
  }
  if (faults.length === 0) return parameters;
  throw new CheckpointError(
    `${where}: ${faults.length} tensors do not fit: ${faults.slice(0, 5).join("; ")}${faults.length > 5 ? "; ..." : ""}.`,
  );
}

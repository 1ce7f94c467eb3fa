// The weights behind a backbone's name: a run's teacher (the paper's backbone), a file with PyTorch's names, or random ones.
import type { NdArray } from "#base/array";
import { ConfigError, checkConfig } from "#base/config";
import { readSafetensors } from "#base/files/disk";
import {
  type BackboneConfig,
  backboneBuffers,
  backboneConfigOf,
  backboneConfigSchema,
  backboneParameters,
  type ParameterArrays,
  RESNET_DEPTHS,
  sampleParameters,
  VIT_SIZES,
} from "#engine/nn";
import { CheckpointError, type RunInfo } from "#learn/runs";
import { type FoundBackbone, readCheckpointFile } from "#learn/runs/disk";
import { configOfTensors } from "./config-of-tensors.ts";

/** A network that is ready to be built. */
export interface BackboneWeights {
  readonly name: string;
  readonly config: BackboneConfig;
  /** Parameters and buffers, by PyTorch's names. */
  readonly arrays: ParameterArrays;
}

/** What holds or stands for weights of a network that this program builds itself. */
export type FoundWeights = Exclude<FoundBackbone, { kind: "floor" }>;

/** Where a file's own configuration stands among its metadata, as JSON. */
export const CONFIG_KEY = "backbone";

/** Reads or draws the weights. Throws CheckpointError that lists what is missing or misshapen, ConfigError for unknown shapes. */
export function loadWeights(found: FoundWeights): BackboneWeights {
  const { name } = found;
  if (found.kind === "random") {
    const config = randomShape(found.shape);
    return { name, config, arrays: sampleParameters(specsOf(config), found.seed) };
  }
  if (found.kind === "run") {
    const config = configOfRun(found.info, name);
    return { name, config, arrays: checkedArrays(config, readCheckpointFile(found.checkpointPath).tensors, "teacher.", name) };
  }
  const { tensors, metadata } = readSafetensors(found.path);
  const config = configOfFile(tensors, metadata, found.path);
  return { name, config, arrays: checkedArrays(config, tensors, "", found.path) };
}

function specsOf(config: BackboneConfig) {
  return [...backboneParameters(config), ...backboneBuffers(config)];
}

function randomShape(shape: string | RunInfo): BackboneConfig {
  if (typeof shape !== "string") return configOfRun(shape, "random");
  const config = backboneConfigOf(shape);
  if (config) return config;
  const sizes = Object.keys(VIT_SIZES).join(", ");
  const depths = Object.keys(RESNET_DEPTHS).map((depth) => `resnet${depth}`);
  throw new ConfigError(
    `--backbone random:${shape}: expected a run folder, one of ${sizes} and a patch size (vit-ti8), or one of ${depths.join(", ")}, got "${shape}".`,
  );
}

/** The network's shape in a run's settings. Throws ConfigError. */
export function configOfRun({ config }: RunInfo, name: string): BackboneConfig {
  return checkConfig(backboneConfigSchema, config["backbone"], `${name}: config.yaml: backbone`);
}

function configOfFile(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>>,
  path: string,
): BackboneConfig {
  const text = metadata[CONFIG_KEY];
  if (text === undefined) return configOfTensors(tensors, metadata, path);
  return checkConfig(backboneConfigSchema, parsedJson(text, path), `${path}: metadata: ${CONFIG_KEY}`);
}

function parsedJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(`${path}: metadata: "${CONFIG_KEY}" is not JSON.`, { cause });
  }
}

/** The network's parameters and buffers out of a file's tensors, each found under `prefix` and of the right shape. */
function checkedArrays(
  config: BackboneConfig,
  tensors: ReadonlyMap<string, NdArray>,
  prefix: string,
  where: string,
): ParameterArrays {
  const faults: string[] = [];
  const arrays = new Map<string, NdArray<"float32">>();
  for (const { name, shape } of specsOf(config)) {
    const tensor = tensors.get(`${prefix}${name}`);
    if (tensor?.dtype === "float32" && `${tensor.shape}` === `${shape}`) arrays.set(name, tensor as NdArray<"float32">);
    else
      faults.push(
        `"${prefix}${name}": expected float32 [${shape}], got ${tensor ? `${tensor.dtype} [${tensor.shape}]` : "none"}`,
      );
  }
  if (faults.length === 0) return arrays;
  throw new CheckpointError(
    `${where}: ${faults.length} tensors do not fit: ${faults.slice(0, 5).join("; ")}${faults.length > 5 ? "; ..." : ""}.`,
  );
}

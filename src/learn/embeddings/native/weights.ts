// The weights behind a backbone's name: a run's teacher (the paper's backbone), a file of this program or of others, or random ones.
import type { NdArray } from "#base/array";
import { ConfigError, checkConfig } from "#base/config";
import {
  type BackboneConfig,
  backboneConfigOf,
  backboneConfigSchema,
  type FrozenConfig,
  fittedWeights,
  frozenConfigSchema,
  frozenSpecs,
  isVit,
  ownTensors,
  type ParameterArrays,
  RESNET_DEPTHS,
  sampleParameters,
  VIT_SIZES,
} from "#engine/nn";
import { CheckpointError, type InputRecipe, isRunCheckpoint, type RunInfo, type SeenRows } from "#learn/runs";
import { type FoundBackbone, type FoundFile, type FoundShape, readCheckpointFile } from "#learn/runs/disk";
import { notedRecipe, notedSeenRows } from "../export-notes.ts";
import { chooseNetwork } from "./choose-network.ts";
import { configOfTensors } from "./config-of-tensors.ts";
import { withStoredTensors } from "./stored-tensors.ts";

/** A network that is ready to be built. */
export interface BackboneWeights {
  readonly name: string;
  readonly config: FrozenConfig;
  /** Parameters and buffers, by PyTorch's names. */
  readonly arrays: ParameterArrays;
  /** What a file that was exported here notes: the input it is made for, and what its training saw. */
  readonly recipe?: InputRecipe | undefined;
  readonly seenRows?: readonly SeenRows[];
}

/** What holds or stands for weights of a network that this program builds itself. */
export type FoundWeights = Exclude<FoundBackbone, { kind: "floor" }>;

/** Where a file's own configuration stands among its metadata, as JSON. */
export const CONFIG_KEY = "backbone";

/** Reads or draws the weights. Throws CheckpointError that lists what is missing, left over or misshapen, ConfigError for unknown shapes. */
export function loadWeights(found: FoundWeights): BackboneWeights {
  const { name } = found;
  if (found.kind === "random") {
    const { config, recipe } = randomShape(found.shape, name);
    return { name, config, recipe, arrays: sampleParameters(frozenSpecs(config), found.seed) };
  }
  if (found.kind === "run") {
    const config = configOfRun(found.info, name);
    return { name, config, arrays: checkedArrays(config, teacherTensors(found.checkpointPath), name) };
  }
  return withStoredTensors(found.path, ({ tensors, metadata }) => {
    const network = chooseNetwork(tensors.keys(), found.part, found.path);
    const { arrays, faults } = ownTensors(network, tensors);
    const config = configOfFile(arrays, metadata, found);
    const notes = new Map(Object.entries(metadata));
    const seenRows = found.run?.seenRows ?? notedSeenRows(notes, found.path);
    const noted = { recipe: notedRecipe(notes, found.path), seenRows };
    return { name, config, arrays: checkedArrays(config, arrays, found.path, faults), ...noted };
  });
}

/** A run's teacher without its head. */
function teacherTensors(path: string): ReadonlyMap<string, NdArray> {
  const ofTeacher = [...readCheckpointFile(path).tensors].filter(([name]) => /^teacher\.(?!head\.)/.test(name));
  return new Map(ofTeacher.map(([name, array]) => [name.slice("teacher.".length), array]));
}

/** The shape, and of a file's network the input that it is made for. */
function randomShape(shape: FoundShape, name: string): Pick<BackboneWeights, "config" | "recipe"> {
  if (typeof shape !== "string") return "kind" in shape ? shapeOfFile(shape, name) : { config: configOfRun(shape, "random") };
  const config = backboneConfigOf(shape);
  if (config) return { config };
  const sizes = Object.keys(VIT_SIZES).join(", ");
  const depths = Object.keys(RESNET_DEPTHS).map((depth) => `resnet${depth}`);
  throw new ConfigError(
    `--backbone random:${shape}: expected a run folder, a file of weights, one of ${sizes} and a patch size (vit-ti8), or one of ${depths.join(", ")}, got "${shape}".`,
  );
}

function shapeOfFile(file: FoundFile, name: string): Pick<BackboneWeights, "config" | "recipe"> {
  if (file.path.endsWith(".onnx"))
    throw new ConfigError(
      `--backbone ${name}: expected weights, whose names tell the network's shape, got an ONNX model. Name the shape: random:resnet50 or random:vit-s8.`,
    );
  const { config, recipe } = loadWeights(file);
  return { config, recipe: file.entry?.input ?? recipe };
}

/** The network's shape in a run's settings. Throws ConfigError. */
export function configOfRun({ config }: RunInfo, name: string): BackboneConfig {
  return checkConfig(backboneConfigSchema, config["backbone"], `${name}: config.yaml: backbone`);
}

/** What the run of a checkpoint, or the file itself, says before what its tensors tell; what the registry says before all. */
function configOfFile(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>>,
  found: Extract<FoundWeights, { kind: "file" }>,
): FrozenConfig {
  const { path, name, entry, run } = found;
  const text = metadata[CONFIG_KEY];
  if (run === undefined && entry?.config === undefined) checkComplete(metadata, path);
  const config =
    run !== undefined
      ? configOfRun(run.info, name)
      : text === undefined
        ? configOfTensors(tensors, metadata, path)
        : checkConfig(frozenConfigSchema, parsedJson(text, path), `${path}: metadata: ${CONFIG_KEY}`);
  if (entry?.config === undefined) return withWholeHeads(config, path);
  return withWholeHeads(checkConfig(frozenConfigSchema, { ...config, ...entry.config }, `backbone ${name}: config`), path);
}

/** Tensors do not tell the number of heads: where 64 numbers a head do not come out even, somebody has to. */
function withWholeHeads(config: FrozenConfig, path: string): FrozenConfig {
  if (!isVit(config) || (Number.isInteger(config.numHeads) && config.embedDim % config.numHeads === 0)) return config;
  throw new CheckpointError(
    `${path}: expected a width of some heads of 64 numbers each, as named transformers have, got ${config.embedDim}. Name it in suricate-backbones.yaml with config: { numHeads: N }.`,
  );
}

/** Tensors do not tell the mean and spread that a run's network takes off its pictures. */
function checkComplete(metadata: Readonly<Record<string, string>>, path: string): void {
  if (!isRunCheckpoint(metadata)) return;
  throw new CheckpointError(
    `${path}: a run's checkpoint outside of its run: expected the run's config.yaml two folders above, which says what its tensors do not, got none. Name the run (RUN@EPOCH), or write a file of its own with suricate export.`,
  );
}

function parsedJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CheckpointError(`${path}: metadata: "${CONFIG_KEY}" is not JSON.`, { cause });
  }
}

/** All that the network asks for and nothing else; `known` are faults that were found before. Throws CheckpointError that lists all. */
function checkedArrays(
  config: FrozenConfig,
  tensors: ReadonlyMap<string, NdArray>,
  where: string,
  known: readonly string[] = [],
): ParameterArrays {
  const { arrays, faults } = fittedWeights(frozenSpecs(config), tensors);
  const all = [...known, ...faults];
  if (all.length === 0) return arrays;
  throw new CheckpointError(
    `${where}: ${all.length === 1 ? "1 tensor does" : `${all.length} tensors do`} not fit: ${all.join("; ")}.`,
  );
}

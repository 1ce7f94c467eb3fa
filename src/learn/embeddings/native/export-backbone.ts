// A backbone made ready to leave: as an ONNX model for any number of images, or as PyTorch's state dict in safetensors.
import type { NdArray } from "#base/array";
import { ConfigError } from "#base/config";
import { Graph, named } from "#engine/graph";
import { frozenSideUnit } from "#engine/nn";
import { formatOnnxForAnyBatch } from "#engine/runtime";
import { CheckpointError, type InputRecipe, recipeSize } from "#learn/runs";
import { findBackbone, readCheckpointPosition } from "#learn/runs/disk";
import { type ExportFacts, exportNotes } from "../export-notes.ts";
import { recipeEmbedding } from "./recipe-embedding.ts";
import { type BackboneWeights, loadWeights } from "./weights.ts";

/** A backbone with all that a file of it and its model card say. */
export interface OpenedExport {
  readonly facts: ExportFacts;
  readonly weights: BackboneWeights;
}

export interface ExportOptions {
  /** Of this program, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Side of the pictures it is to be shown, in pixels. Default: its recipe's, or the one in its settings. */
  readonly inputSize?: number | undefined;
}

/** Room for everything in an ONNX file but the weights; the file itself holds 2 GiB at most. */
const LARGEST_WEIGHTS = 2 ** 31 - 2 ** 24;

/** Reads the backbone that `text` names. Throws ConfigError for what is no network here or cannot be shown such pictures, CheckpointError. */
export function openExport(text: string, { versions, inputSize }: ExportOptions): OpenedExport {
  const found = findBackbone(text);
  if (found.kind === "floor") throw new ConfigError(`export ${text}: expected a network, got a floor, which has no weights.`);
  if (found.kind === "file" && found.path.endsWith(".onnx"))
    throw new ConfigError(
      `export ${text}: expected a run, weights or a name of the registry, got an ONNX model, which is exported already.`,
    );
  const weights = loadWeights(found);
  const recipe: InputRecipe = (found.kind === "file" ? found.entry?.input : undefined) ?? {};
  const side = inputSize ?? recipeSize(recipe) ?? weights.config.imageSize;
  const unit = frozenSideUnit(weights.config);
  if (side % unit !== 0)
    throw new ConfigError(`export --size: expected a side that patches of ${unit} pixels divide, got ${side}.`);
  const facts = {
    name: found.name,
    config: weights.config,
    inputSize: side,
    recipe,
    versions,
    isUntrained: found.kind === "random",
  };
  if (found.kind !== "run") return { facts, weights };
  const { epoch, step } = readCheckpointPosition(found.checkpointPath);
  return { facts: { ...facts, run: { info: found.info, epoch, step, seenRows: found.seenRows } }, weights };
}

/**
 * The bytes of an ONNX model: grey pictures `images` [batch, 1, size, size] with values in [0, 1] to `embedding` [batch, D]. Mean
 * and spread are inside; the operators are ai.onnx's alone. Throws CheckpointError for weights that no ONNX file can hold.
 */
export function exportedOnnx({ facts, weights }: OpenedExport): Uint8Array {
  const numBytes = [...weights.arrays.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (numBytes > LARGEST_WEIGHTS) {
    throw new CheckpointError(
      `${facts.name}: expected weights of at most ${LARGEST_WEIGHTS} bytes for one ONNX file, got ${numBytes}. Export safetensors instead.`,
    );
  }
  const { inputSize, recipe } = facts;
  const build = (numImages: number) => {
    const graph = new Graph("backbone");
    const images = named(graph.input("images", [numImages, 1, inputSize, inputSize]), "B C H W", "images");
    graph.output("embedding", recipeEmbedding(images, weights, recipe));
    return graph;
  };
  return formatOnnxForAnyBatch(build, { metadata: exportNotes(facts, "onnx") });
}

/** The network's tensors under PyTorch's names (torchvision's for ResNets, DINO's and timm's for transformers), and the file's notes. */
export function exportedTensors({ facts, weights }: OpenedExport): {
  readonly tensors: ReadonlyMap<string, NdArray>;
  readonly metadata: Readonly<Record<string, string>>;
} {
  return { tensors: weights.arrays, metadata: exportNotes(facts, "safetensors") };
}

// A backbone's name (--backbone) to a network on a device, ready to embed.
import { type NdArray, ndArray } from "#base/array";
import { ConfigError } from "#base/config";
import { Graph, named } from "#engine/graph";
import { type FrozenOptions, frozenEmbeddingDim, isVit, kindName } from "#engine/nn";
import { checkOnnxFile, type DeviceName, openDevice } from "#engine/runtime/native";
import { type InputRecipe, recipeSize, type SeenRows } from "#learn/runs";
import { findBackbone } from "#learn/runs/disk";
import type { Backbone } from "../backbone.ts";
import { notedSeenRows } from "../export-notes.ts";
import { floorBackbone } from "../floors.ts";
import { chooseNetwork } from "./choose-network.ts";
import { onnxBackbone } from "./onnx-backbone.ts";
import { recipeEmbedding } from "./recipe-embedding.ts";
import { listStoredTensors } from "./stored-tensors.ts";
import { type BackboneWeights, loadWeights } from "./weights.ts";

export interface BackboneOptions extends FrozenOptions {
  /** Side of the crops, which some floors look at whole. */
  readonly cropSize: number;
  readonly device?: DeviceName;
  readonly numThreads?: number;
  /** Pictures in one pass through the network (default 16). */
  readonly batchSize?: number;
  /** Side of the pictures it is shown; default: the one in its settings. */
  readonly inputSize?: number;
}

/** Pictures in one pass. */
const DEFAULT_BATCH = 16;

/** Opens what `--backbone` names (see findBackbone). Throws ConfigError and CheckpointError. */
export async function openBackbone(text: string, options: BackboneOptions): Promise<Backbone> {
  const found = findBackbone(text);
  if (found.kind === "floor") {
    checkPrecision(text, "a floor", options);
    return { ...floorBackbone(found.floor, options.cropSize, found.input), name: found.name };
  }
  if (found.kind === "file" && found.path.endsWith(".onnx")) {
    checkPrecision(text, "an ONNX model", options);
    const { name, path, part, entry } = found;
    return onnxBackbone({ name, path, output: part, recipe: entry?.input }, { batchSize: DEFAULT_BATCH, ...options });
  }
  const weights = loadWeights(found);
  if (!isVit(weights.config)) checkPrecision(text, kindName(weights.config), options);
  const recipe = (found.kind === "file" ? found.entry?.input : undefined) ?? weights.recipe;
  const seenRows = found.kind === "run" ? found.seenRows : weights.seenRows;
  return { ...networkBackbone(weights, options, recipe), ...(seenRows ? { seenRows } : {}) };
}

/** Rows that the pre-training of what `--backbone` names has seen, without reading its weights. Throws as `openBackbone`, but for what is in them. */
export function seenRowsOf(text: string): readonly SeenRows[] {
  const found = findBackbone(text);
  if (found.kind === "run") return found.seenRows;
  if (found.kind !== "file") return [];
  const { path, part, run } = found;
  if (path.endsWith(".onnx")) return notedSeenRows(checkOnnxFile(path).metadata, path);
  const { names, metadata } = listStoredTensors(path);
  chooseNetwork(names, part, path); // a file without one is told before the first of several backbones is run for hours
  return run?.seenRows ?? notedSeenRows(new Map(Object.entries(metadata)), path);
}

/** Only a Vision Transformer's linear layers are brought to 8 bits. */
function checkPrecision(text: string, what: string, { precision }: BackboneOptions): void {
  if (precision !== "int8") return;
  throw new ConfigError(`--int8: expected a Vision Transformer, whose linear layers it quantises, got ${what} (${text}).`);
}

/** A network with its weights inside the graph, where ONNX Runtime folds and packs them once. */
export function networkBackbone(weights: BackboneWeights, options: BackboneOptions, recipe: InputRecipe = {}): Backbone {
  const { name, config } = weights;
  const { batchSize = DEFAULT_BATCH, inputSize = recipeSize(recipe) ?? config.imageSize, precision = "float32" } = options;
  const graph = new Graph("backbone");
  const images = named(graph.input("images", [batchSize, 1, inputSize, inputSize]), "B C H W", "images");
  graph.output("embedding", recipeEmbedding(images, weights, recipe, { precision }));
  const device = openDevice({
    device: options.device ?? "cpu",
    ...(options.numThreads ? { numThreads: options.numThreads } : {}),
  });
  const session = device.open(graph);
  // Not the tensor: it belongs to the graph, whose constants are the weights, and the session has its own.
  const { shape } = images;
  const dim = frozenEmbeddingDim(config);
  const numPixels = inputSize * inputSize;

  return {
    name: precision === "int8" ? `${name} (int8)` : name,
    dim,
    inputSize,
    recipe,
    async embed(pictures, count) {
      const embeddings = new Float32Array(count * dim);
      for (let start = 0; start < count; start += batchSize) {
        const batch = paddedBatch(pictures, start, Math.min(batchSize, count - start), shape, numPixels);
        const output = (await session.run(new Map([["images", batch]]))).get("embedding")!; // the graph's one output
        const rows = Math.min(batchSize, count - start);
        embeddings.set((output.data as Float32Array).subarray(0, rows * dim), start * dim);
      }
      return embeddings;
    },
    close() {
      session.close();
      device.close();
    },
  };
}

/** The graph's batch is fixed: a last, smaller one is filled up by repeating its first picture. */
function paddedBatch(pictures: Float32Array, start: number, count: number, shape: readonly number[], numPixels: number): NdArray {
  const [batchSize] = shape as [number];
  if (count === batchSize) return ndArray("float32", shape, pictures.subarray(start * numPixels, (start + count) * numPixels));
  const padded = new Float32Array(batchSize * numPixels);
  padded.set(pictures.subarray(start * numPixels, (start + count) * numPixels));
  // Blank pictures could widen the range that 8 bits have to cover.
  for (let row = count; row < batchSize; row++) padded.copyWithin(row * numPixels, 0, numPixels);
  return ndArray("float32", shape, padded);
}

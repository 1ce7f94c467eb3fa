// A backbone's name (--backbone) to a network on a device, ready to embed.
import { type NdArray, ndArray } from "#base/array";
import { Graph, named } from "#engine/graph";
import { parameterConstants, vit } from "#engine/nn";
import { type DeviceName, openDevice } from "#engine/runtime/native";
import { findBackbone } from "#learn/runs/disk";
import type { Backbone } from "../backbone.ts";
import { floorBackbone } from "../floors.ts";
import { type BackboneWeights, loadWeights } from "./weights.ts";

export interface BackboneOptions {
  /** Side of the crops, which some floors look at whole. */
  readonly cropSize: number;
  readonly device?: DeviceName;
  readonly numThreads?: number;
  /** Pictures in one pass through the network (default 16). */
  readonly batchSize?: number;
  /** Side of the pictures it is shown; default: the size its positions were learnt at. */
  readonly inputSize?: number;
}

/** Opens what `--backbone` names (see findBackbone). Throws ConfigError and CheckpointError. */
export async function openBackbone(text: string, options: BackboneOptions): Promise<Backbone> {
  const found = findBackbone(text);
  if (found.kind === "floor") return floorBackbone(found.floor, options.cropSize);
  return vitBackbone(loadWeights(found), options);
}

/** A Vision Transformer with its weights inside the graph, where ONNX Runtime packs them once. */
function vitBackbone({ name, config, parameters }: BackboneWeights, options: BackboneOptions): Backbone {
  const { batchSize = 16, inputSize = config.imageSize } = options;
  const graph = new Graph("backbone");
  const images = named(graph.input("images", [batchSize, config.imageChannels, inputSize, inputSize]), "B C H W", "images");
  graph.output("embedding", vit(images, parameterConstants(graph, parameters), config).embedding);
  const device = openDevice({
    device: options.device ?? "cpu",
    ...(options.numThreads ? { numThreads: options.numThreads } : {}),
  });
  const session = device.open(graph);
  const dim = config.embedDim;
  const numPixels = config.imageChannels * inputSize * inputSize;

  return {
    name,
    dim,
    inputSize,
    async embed(pictures, count) {
      const embeddings = new Float32Array(count * dim);
      for (let start = 0; start < count; start += batchSize) {
        const batch = paddedBatch(pictures, start, Math.min(batchSize, count - start), images.shape, numPixels);
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

/** The graph's batch is fixed: a last, smaller one is filled up with blank pictures. */
function paddedBatch(pictures: Float32Array, start: number, count: number, shape: readonly number[], numPixels: number): NdArray {
  const [batchSize] = shape as [number];
  if (count === batchSize) return ndArray("float32", shape, pictures.subarray(start * numPixels, (start + count) * numPixels));
  const padded = new Float32Array(batchSize * numPixels);
  padded.set(pictures.subarray(start * numPixels, (start + count) * numPixels));
  return ndArray("float32", shape, padded);
}

// Embedding for the commands that need it: a crop set through a backbone by its name, with a bar.
import type { DeviceName } from "#engine/runtime/native";
import {
  type Backbone,
  type CosineSummary,
  compareBackbones,
  type EmbeddingHead,
  type EmbeddingTable,
  embedBatches,
  embedCropSet,
  embeddingHead,
  seenIdsAmong,
  seenIdsIn,
} from "#learn/embeddings";
import { writeEmbeddingBlocks } from "#learn/embeddings/disk";
import { openBackbone } from "#learn/embeddings/native";
import { parseBackboneSpec } from "#learn/runs";
import type { CropRows, CropSet } from "#sky/survey";
import { progressBar } from "./terminal.ts";
import { asUsage } from "./usage-error.ts";

/** What `--backbone` may be. */
export const BACKBONE_HELP =
  "RUN, RUN@EPOCH, FILE[#PART] (.safetensors, .pth, .pt, .ckpt, .onnx), a name of the registry, random:SHAPE[:SEED], " +
  "pixels, statistics or mean";

export interface EmbedFlags {
  readonly batch: number;
  readonly device: DeviceName;
  readonly threads?: number;
  /** Weights of linear layers in 8 bits. */
  readonly int8?: boolean;
}

/** Embeds a crop set, with a bar. Rows that the backbone's run was trained on are marked as seen. */
export async function embedWith(cropSet: CropSet, backboneName: string, flags: EmbedFlags): Promise<EmbeddingTable> {
  const backbone = await openBackboneFor(cropSet, backboneName, filledBatch(flags, cropSet.records.length));
  try {
    return await embedThrough(cropSet, backbone, backboneName, flags);
  } finally {
    backbone.close();
  }
}

/** The same through a backbone that is open, called `label` in the bar. */
export async function embedThrough(
  cropSet: CropSet,
  backbone: Backbone,
  label: string,
  { batch }: Pick<EmbedFlags, "batch">,
): Promise<EmbeddingTable> {
  const bar = progressBar(`embed ${label}`, cropSet.records.length, { unit: "crops" });
  try {
    const seenIds = seenIdsIn(cropSet, backbone.seenRows ?? []);
    return await embedCropSet(cropSet, backbone, { batchSize: batch, seenIds, onProgress: (count) => bar.advance(count) });
  } finally {
    bar.finish();
  }
}

/** Embeds a crop set into a file as it goes, with a bar: neither the set nor its records need fit into memory. */
export async function embedToFile(crops: CropRows, backboneName: string, out: string, flags: EmbedFlags): Promise<EmbeddingHead> {
  const backbone = await openBackboneFor(crops, backboneName, filledBatch(flags, crops.numCrops));
  const bar = progressBar(`embed ${backboneName}`, crops.numCrops, { unit: "crops" });
  try {
    const head = embeddingHead(crops, backbone, { seenIds: await seenIdsAmong(crops, backbone.seenRows ?? []) });
    const options = { batchSize: flags.batch, onProgress: (count: number) => bar.advance(count) };
    await writeEmbeddingBlocks(out, head, embedBatches(crops, backbone, options));
    return head;
  } finally {
    bar.finish();
    backbone.close();
  }
}

/** Throws UsageError for text that can name no backbone, whatever files there are. */
export function checkBackboneName(text: string): void {
  asUsage(() => parseBackboneSpec(text));
}

/** A backbone by its name, for crops of this set. */
export async function openBackboneFor(
  { info }: Pick<CropSet, "info">,
  backboneName: string,
  { batch, device, threads, int8 = false }: EmbedFlags,
): Promise<Backbone> {
  const options = {
    cropSize: info.cropSize,
    batchSize: batch,
    device,
    ...(int8 ? { precision: "int8" as const } : {}),
    ...(threads === undefined ? {} : { numThreads: threads }),
  };
  checkBackboneName(backboneName);
  return openBackbone(backboneName, options);
}

/** A backbone's batch has one size, and one that is not full takes as long: no more than there are crops. */
function filledBatch<Flags extends EmbedFlags>(flags: Flags, numCrops: number): Flags {
  return { ...flags, batch: Math.max(1, Math.min(flags.batch, numCrops)) };
}

/** Crops by which 8 bits are compared with float32. */
const NUM_COMPARED = 16;

/** What 8 bits cost on the first crops, by the cosine with float32. */
export async function int8Cosine(crops: CropRows, backboneName: string, flags: EmbedFlags): Promise<CosineSummary> {
  const fitting = filledBatch(flags, Math.min(crops.numCrops, NUM_COMPARED));
  const exact = await openBackboneFor(crops, backboneName, { ...fitting, int8: false });
  try {
    const quantised = await openBackboneFor(crops, backboneName, { ...fitting, int8: true });
    try {
      return await compareBackbones(crops, [exact, quantised], { maxCrops: NUM_COMPARED, batchSize: flags.batch });
    } finally {
      quantised.close();
    }
  } finally {
    exact.close();
  }
}

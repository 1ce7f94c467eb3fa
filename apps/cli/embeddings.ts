// Embedding for the commands that need it: a crop set through a backbone by its name, with a bar.
import { type EmbeddingTable, embedCropSet, seenIdsIn } from "#learn/embeddings";
import { openBackbone } from "#learn/embeddings/native";
import { findBackbone } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { progressBar } from "./terminal.ts";

export interface EmbedFlags {
  readonly batch: number;
  readonly device: "cpu";
  readonly threads?: number;
}

/** Embeds a crop set. Rows that the backbone's run was trained on are marked as seen. */
export async function embedWith(cropSet: CropSet, backboneName: string, flags: EmbedFlags): Promise<EmbeddingTable> {
  const found = findBackbone(backboneName);
  const seenIds = found.kind === "run" ? seenIdsIn(cropSet, found.seenRows) : [];
  const backbone = await openBackbone(backboneName, {
    cropSize: cropSet.info.cropSize,
    batchSize: flags.batch,
    device: flags.device,
    ...(flags.threads === undefined ? {} : { numThreads: flags.threads }),
  });
  const bar = progressBar(`embed ${backboneName}`, cropSet.records.length, { unit: "crops" });
  try {
    return await embedCropSet(cropSet, backbone, { batchSize: flags.batch, seenIds, onProgress: (count) => bar.advance(count) });
  } finally {
    bar.finish();
    backbone.close();
  }
}

// Generated crop sets of tiny crops for bench/streaming.ts, and `embed` of them.
import { join } from "node:path";
import { randomFor } from "#base/array";
import { NpyRowWriter, writeSafetensors } from "#base/files/disk";
import { frozenSpecs, sampleParameters, type VitConfig } from "#engine/nn";
import { embedBatches, embeddingHead } from "#learn/embeddings";
import { writeEmbeddingBlocks } from "#learn/embeddings/disk";
import { openBackbone } from "#learn/embeddings/native";
import { type CropRecord, type CropSetInfo, UNKNOWN_CROP } from "#sky/survey";
import { CROPS_FILE, type CropSetPart, openCropRows, writeTables } from "#sky/survey/disk";

/** Side of a crop in pixels. */
const CROP_SIZE = 8;
/** An embedding of 384 numbers out of one block over two tokens: what is measured is the way of the data and not the network. */
const NETWORK: VitConfig = {
  imageChannels: 1,
  patchSize: CROP_SIZE,
  embedDim: 384,
  depth: 1,
  numHeads: 6,
  mlpRatio: 4,
  imageSize: CROP_SIZE,
};
const BATCH = 64;
const ROWS_PER_PART = 8192;

/** Writes a crop set of pictures of noise, each in its own place. */
export async function writeTinyCrops(folder: string, numCrops: number): Promise<void> {
  const crops = new NpyRowWriter(join(folder, CROPS_FILE), { dtype: "float32", rowShape: [CROP_SIZE, CROP_SIZE] }, "rename");
  const pixels = new Float32Array(CROP_SIZE ** 2);
  for (let row = 0; row < numCrops; row++) {
    const random = randomFor(5, "tiny crops", row);
    for (let index = 0; index < pixels.length; index++) pixels[index] = random.uniform();
    crops.append(pixels);
  }
  crops.close();
  await writeTables(folder, { info: INFO, parts: parts(numCrops) }, { numCrops, storedSize: CROP_SIZE, durability: "rename" });
}

/** Embeds a set into a Parquet file as `suricate embed` does. Returns its rows and the length of an embedding. */
export async function embedTinyCrops(folder: string, out: string): Promise<readonly [number, number]> {
  const crops = await openCropRows(folder);
  const weights = join(folder, "network.safetensors");
  writeSafetensors(weights, sampleParameters(frozenSpecs(NETWORK), 0), {}, "rename");
  const backbone = await openBackbone(weights, { cropSize: CROP_SIZE, batchSize: BATCH });
  try {
    const blocks = embedBatches(crops, backbone, { batchSize: BATCH });
    return [await writeEmbeddingBlocks(out, embeddingHead(crops, backbone, {}), blocks, "rename"), backbone.dim];
  } finally {
    backbone.close();
    crops.close();
  }
}

function* parts(numCrops: number): Generator<CropSetPart> {
  for (let start = 0; start < numCrops; start += ROWS_PER_PART) {
    const count = Math.min(ROWS_PER_PART, numCrops - start);
    yield { records: Array.from({ length: count }, (_, place) => tinyCrop(start + place)) };
  }
}

/** A record with a position, as one that `embed` wrote beside generated embeddings. */
export function tinyCrop(row: number): CropRecord {
  const raDeg = (row * 0.017) % 360;
  return { ...UNKNOWN_CROP, id: `crop-${row}`, field: `field-${row % 115}`, raDeg, decDeg: -30, lowFlux: 0, highFlux: 1 };
}

const INFO: CropSetInfo = {
  version: 1,
  name: "generated",
  fluxUnit: "arbitrary",
  tiling: "images",
  cropSize: CROP_SIZE,
  storedSize: CROP_SIZE,
  lowPercentile: 2,
  highPercentile: 98,
  resizeRule: "none",
  fields: [],
  catalogue: null,
};

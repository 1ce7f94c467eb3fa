// Crop sets and embedding tables in memory, for tests of what is made of them.
import { type EmbeddingTable, matrixOf } from "#learn/embeddings";
import { type CropRecord, type CropSet, UNKNOWN_CROP } from "#sky/survey";

/** A record with nothing known but what is given. */
export function cropRecord(known: Partial<CropRecord> & { readonly id: string }): CropRecord {
  return {
    field: "field",
    ...UNKNOWN_CROP,
    lowFlux: 0,
    highFlux: 1,
    ...known,
  };
}

/** A crop set in memory: one square of linear flux for each record. */
export function cropSetOf(records: readonly CropRecord[], cropSize: number, squares: readonly Float32Array[]): CropSet {
  return {
    info: {
      version: 1,
      name: "tiny",
      fluxUnit: "Jy/beam",
      tiling: "cover",
      cropSize,
      storedSize: Math.sqrt(squares[0]!.length),
      lowPercentile: 2,
      highPercentile: 98,
      resizeRule: "none",
      fields: [],
      catalogue: null,
    },
    records,
    sha256: "cd".repeat(32),
    pixelsOf: (index) => squares[index]!,
    close() {},
  };
}

/** A table of vectors, one a record. */
export function tableOf(
  backbone: string,
  records: readonly CropRecord[],
  vectors: readonly (readonly number[])[],
  more: Partial<EmbeddingTable> = {},
): EmbeddingTable {
  const dim = vectors[0]!.length;
  const { data } = matrixOf(vectors.length, dim, Float64Array.from(vectors.flat()));
  return {
    backbone,
    dim,
    cropSetName: "tiny",
    cropSetSha256: "cd".repeat(32),
    cropSize: 10,
    seenIds: [],
    records,
    embeddings: Float32Array.from(data),
    ...more,
  };
}

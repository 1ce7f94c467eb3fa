// node dist/bench/streaming.js [--sizes 100000,200000,...] [--dim 384] [--stages embed,rows]: generated crops embedded, and PCA, search and export of
// generated embeddings, all read and written a block at a time, with time and peak memory of each size: memory must not grow, time must grow with the rows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { NpyRowWriter } from "#base/files/disk";
import { type EmbeddingHead, type RowBlocks, rowsPerBlock } from "#learn/embeddings";
import { type EmbeddingRows, openEmbeddings, openNpyBlocks, rowsPerGroup, writeEmbeddingBlocks } from "#learn/embeddings/disk";
import { fitLargePca, largePcaBlocks, MatrixProducts, nearestNeighbours } from "#learn/embeddings/native";
import { embeddingRows } from "./embedding-rows.ts";
import { embedTinyCrops, tinyCrop, writeTinyCrops } from "./streaming-crops.ts";
import { forgetPeakMemory, peakMemoryBytes } from "./turns.ts";

const NUM_COMPONENTS = 100;
const NUM_QUERIES = 10;
const NUM_NEIGHBOURS = 10;
const NUM_THREADS = 2;
const NUM_DRAWN = 8192;

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "100000,200000,400000" },
    dim: { type: "string", default: "384" },
    stages: { type: "string", default: "embed,rows" },
  },
});
const wanted = values.stages.split(",");
const sizes = values.sizes.split(",").map(Number);
const dim = Number(values.dim);
if (![...sizes, dim].every((one) => Number.isInteger(one) && one > 0)) {
  console.error(`streaming: expected whole numbers above 0, got --sizes ${values.sizes} --dim ${values.dim}.`);
  process.exit(2);
}
if (!wanted.every((one) => one === "embed" || one === "rows")) {
  console.error(`streaming: --stages: expected embed, rows or both with a comma, got ${values.stages}.`);
  process.exit(2);
}

/** Every stage reads from the disk what the one before left there. */
async function measure(numRows: number, folder: string): Promise<void> {
  const file = (name: string) => join(folder, name);
  const stage = async (name: string, action: () => Promise<string>) => {
    forgetPeakMemory();
    const [start, processor] = [performance.now(), process.cpuUsage()];
    const found = await action();
    const used = process.cpuUsage(processor);
    const seconds = [(performance.now() - start) / 1000, (used.user + used.system) / 1e6].map((one) =>
      one.toFixed(1).padStart(8),
    );
    console.log(
      `${String(numRows).padStart(8)} ${name.padEnd(16)}${seconds.join(" s")} s  ${(peakMemoryBytes() / 1e9).toFixed(2)} GB  ${found}`,
    );
  };
  if (wanted.includes("embed")) {
    await stage("write crops", async () => {
      await writeTinyCrops(folder, numRows);
      return "";
    });
    await stage("embed crops", async () => `[${(await embedTinyCrops(folder, file("crops-embedded.parquet"))).join(", ")}]`);
  }
  if (!wanted.includes("rows")) return;
  const products = new MatrixProducts({ numThreads: NUM_THREADS });
  await stage("write npy", async () => {
    const writer = new NpyRowWriter(file("rows.npy"), { dtype: "float32", rowShape: [dim] }, "rename");
    const drawn = embeddingRows(0, NUM_DRAWN, dim);
    for (let row = 0; row < numRows; row++) writer.append(mixedRow(drawn, row));
    return `[${writer.close().join(", ")}]`;
  });
  await stage("PCA of npy", async () => {
    const rows = openNpyBlocks(file("rows.npy"));
    const pca = await fitLargePca(rows, NUM_COMPONENTS, products);
    let squares = 0;
    for await (const { data } of largePcaBlocks(pca, rows, products)) squares += data.reduce((sum, one) => sum + one * one, 0);
    rows.close();
    const expected = pca.explainedVariance.reduce((sum, one) => sum + one, 0);
    return `variance ${expected.toFixed(3)}, of the rows along the components ${(squares / (numRows - 1)).toFixed(3)}`;
  });
  await stage("export Parquet", async () => {
    const rows = openNpyBlocks(file("rows.npy"));
    const written = await writeEmbeddingBlocks(file("rows.parquet"), HEAD, recordedRows(rows), "rename");
    rows.close();
    return `${written} rows`;
  });
  await stage("search Parquet", async () => {
    const source = await openEmbeddings(file("rows.parquet"));
    const queries = { numColumns: dim, data: (await source.rows.read(numRows - NUM_QUERIES, NUM_QUERIES)).slice() };
    const options = { k: NUM_NEIGHBOURS, metric: "cosine", self: "keep" } as const;
    const { indices } = await nearestNeighbours(source.rows, queries, options, products);
    const [record] = await source.recordsAt([indices[0]!]);
    source.close();
    return `row ${numRows - NUM_QUERIES} finds itself first: ${indices[0] === numRows - NUM_QUERIES}; ${record!.id}`;
  });
  products.close();
}

const HEAD: EmbeddingHead = {
  ...{ backbone: "generated", dim, cropSetName: "generated", cropSetSha256: "", cropSize: 256, seenIds: [] },
};

/** Sums of two drawn rows, another pair each: a million rows drawn anew would take longer than all that is measured. */
function mixedRow(drawn: Float32Array, row: number): Float32Array {
  const other = (row * 7919 + Math.floor(row / NUM_DRAWN) * 104_729 + 1) % NUM_DRAWN;
  const [a, b] = [(row % NUM_DRAWN) * dim, other * dim];
  return Float32Array.from({ length: dim }, (_, column) => drawn[a + column]! + 0.5 * drawn[b + column]!);
}

function* blocks(numRows: number, size: number) {
  for (let start = 0; start < numRows; start += size) yield { start, count: Math.min(size, numRows - start) };
}

async function* recordedRows(rows: RowBlocks): AsyncGenerator<EmbeddingRows> {
  for (const { start, count } of blocks(rows.numRows, Math.min(rowsPerGroup(dim), rowsPerBlock(rows)))) {
    const records = Array.from({ length: count }, (_, place) => tinyCrop(start + place));
    yield { records, embeddings: await rows.read(start, count) };
  }
}

console.log(`${dim} numbers a row; wall and processor seconds, peak memory of each stage.`);
for (const numRows of sizes) {
  const folder = mkdtempSync(join(tmpdir(), "suricate-streaming-"));
  try {
    await measure(numRows, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

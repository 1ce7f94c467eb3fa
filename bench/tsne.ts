// bench tsne: 20,000 embeddings of 100 components on a plane, beside scikit-learn's Barnes-Hut with the same perplexity and steps.
import { join } from "node:path";
import { parseNpy } from "#base/files";
import { readBytes } from "#base/files/disk";
import { rowBlocks } from "#learn/embeddings";
import { MatrixProducts, trustworthiness } from "#learn/embeddings/native";
import { runExploring } from "./exploring.ts";
import type { BenchOptions, BenchResult } from "./harness.ts";

const SIZE = { numRows: 20_000, numColumns: 100, k: 30 };
const MEASURE = { numNeighbours: 12, maxMeasured: 2000 };

export function run(options: BenchOptions): Promise<BenchResult> {
  return runExploring("tsne", SIZE, options, async (_, folder) => {
    const read = (name: string) => parseNpy(readBytes(join(folder, `${name}.npy`)), name).data;
    const rows = rowBlocks(read("rows") as Float32Array, SIZE.numColumns); // as writeRows wrote it
    const products = new MatrixProducts();
    const measured = (name: string) => trustworthiness(rows, read(name) as Float64Array, MEASURE, products); // both sides write float64
    const [ours, theirs] = [await measured("suricate"), await measured("peer")];
    products.close();
    return [
      `${SIZE.numRows} x ${SIZE.numColumns}, perplexity ${SIZE.k}, 1000 steps, neighbours found in the time.`,
      `Trustworthiness (${MEASURE.numNeighbours} neighbours, ${MEASURE.maxMeasured} rows): ${ours.value.toFixed(4)}, scikit-learn ${theirs.value.toFixed(4)}.`,
    ];
  });
}

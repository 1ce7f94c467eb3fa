// A training small enough for a test: crops of a few sources in noise, a tiny transformer, a run folder of its own.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type NdArray, randomFor } from "#base/array";
import { type DinoConfig, dinoConfigSchema } from "#learn/dino";
import { type TrainOptions, type TrainSummary, trainDino } from "#learn/dino/native";
import { createRun, openRun, type Run, readCheckpointFile, readRun } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { writeCropSet } from "#sky/survey/disk";
import { cropRecord, cropSetOf } from "../crop-sets.ts";

const CROP_SIZE = 16;

/** Square crops with 1 to 6 sources of two sizes in noise; crops in `testRows` are set aside. */
export function syntheticCropSet(numCrops: number, { testRows = [] as readonly number[] } = {}): CropSet {
  const rows = Array.from({ length: numCrops }, (_, row) => row);
  const records = rows.map((row) =>
    cropRecord({
      id: `crop-${row}`,
      lowFlux: -0.1,
      highFlux: 1,
      sourceCount: (row % 6) + 1,
      split: testRows.includes(row) ? "test" : null,
    }),
  );
  return cropSetOf(records, CROP_SIZE, rows.map(paintedCrop));
}

/** The same crops as a folder. */
export async function writeSyntheticCrops(
  out: string,
  numCrops: number,
  { testRows = [] as readonly number[] } = {},
): Promise<void> {
  const { info, records, pixelsOf } = syntheticCropSet(numCrops, { testRows });
  await writeCropSet({ out, storedSize: CROP_SIZE, existing: "refuse", durability: "rename" }, async (append) => {
    for (const row of records.keys()) append(pixelsOf(row));
    return { info, records };
  });
}

function paintedCrop(row: number): Float32Array {
  const random = randomFor(11, "synthetic crop", row);
  const pixels = Float32Array.from({ length: CROP_SIZE ** 2 }, () => 0.05 * random.normal());
  const sigma = row % 2 === 0 ? 1 : 2.5;
  for (let source = 0; source <= row % 6; source++) {
    const [y, x] = [random.uniformBetween(2, 14), random.uniformBetween(2, 14)];
    for (let pixel = 0; pixel < pixels.length; pixel++) {
      const squared = (Math.floor(pixel / CROP_SIZE) - y) ** 2 + ((pixel % CROP_SIZE) - x) ** 2;
      pixels[pixel]! += Math.exp(-squared / (2 * sigma ** 2));
    }
  }
  return pixels;
}

/** Settings of a network that takes milliseconds a step. */
export const TINY_SETTINGS = {
  backbone: { patchSize: 4, embedDim: 16, depth: 2, numHeads: 2, mlpRatio: 2, imageSize: 16 },
  head: { hiddenDim: 16, bottleneckDim: 8, numPrototypes: 24 },
  views: { globalViewSize: 16, localViewSize: 8, numLocalViews: 2 },
  batchSize: 4,
  numEpochs: 3,
  numWarmupEpochs: 1,
  learningRatePer256: 0.05,
  checkpoints: { everyEpochs: 1, everyMinutes: 60 },
};

export function tinyConfig(settings: Readonly<Record<string, unknown>> = {}): DinoConfig {
  return dinoConfigSchema.parse({ ...TINY_SETTINGS, ...settings });
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-train-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function newRun(path: string, config: DinoConfig): Run {
  const { keepLast, keepEvery } = config.checkpoints;
  const info = { versions: {}, seed: config.seed, inputs: [], keep: { last: keepLast, every: keepEvery }, config };
  return createRun(path, info, { seenRows: [] });
}

/** Trains into a new run at `path`, or goes on with the one there. One thread: the same sums in the same order. */
export async function train(
  path: string,
  config: DinoConfig,
  options: Pick<TrainOptions, "cropSet"> & Partial<TrainOptions> & { readonly resume?: "resume" },
): Promise<TrainSummary> {
  const run = options.resume ? openRun(path, { onWarning: (line) => console.error(line) }) : newRun(path, config);
  try {
    return await trainDino({ run, config, numThreads: 1, numViewThreads: 0, ...options });
  } finally {
    run.close();
  }
}

/** The bytes of each tensor of a checkpoint, and its position and counters, ready for deepEqual. */
export function checkpointContent(path: string, name: string): unknown {
  const { tensors, position, counters } = readCheckpointFile(join(path, "checkpoints", `${name}.safetensors`));
  const hex = ({ dtype, shape, data }: NdArray) => [
    dtype,
    shape,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex"),
  ];
  return { position, counters, tensors: [...tensors].map(([tensor, array]) => [tensor, hex(array)]) };
}

/** The metrics of a run without what the clock says. */
export function clocklessMetrics(path: string): unknown[] {
  return readRun(path).metrics.map(({ time: _time, imagesPerSecond: _rate, ...rest }) => rest);
}

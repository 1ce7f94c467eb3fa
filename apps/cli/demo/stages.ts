// The stages of the demo, in order. Each reads what the one before left on disk, and shows a bar.
import { join } from "node:path";
import type { DinoConfig, DinoMetrics } from "#learn/dino";
import { trainDino } from "#learn/dino/native";
import { type EmbeddingTable, embedCropSet, seenIdsIn } from "#learn/embeddings";
import { writeEmbeddings } from "#learn/embeddings/disk";
import { FLOORS } from "#learn/runs";
import { evaluateSourceCount, type TaskResult } from "#learn/tasks";
import { fieldNameOf } from "#sky/fits";
import type { WrittenSky } from "#sky/simulator/disk";
import { writeSky } from "#sky/simulator/disk";
import type { CropSet } from "#sky/survey";
import { type PrepareSummary, prepareCropSet } from "#sky/survey/disk";
import { openBackboneFor } from "../embeddings.ts";
import { newRun } from "../new-run.ts";
import { progressBar } from "../terminal.ts";
import type { DemoFolder } from "./folder.ts";
import { CROP_MARGIN, CROP_SIZE, DEMO_SKY, NUM_TEST_FIELDS } from "./settings.ts";

const EMBED_BATCH = 32;
const PROBE_SEEDS = [0, 1, 2];

/** Fields, truth and catalogue. */
export async function simulateStage({ fields }: DemoFolder, seed: number): Promise<WrittenSky> {
  const bar = progressBar("simulate", DEMO_SKY.numFields, { unit: "fields" });
  const sky = await writeSky(DEMO_SKY, seed, fields, () => bar.advance(1));
  bar.finish();
  return sky;
}

/** The crop set, its last fields set aside. */
export async function prepareStage({ crops }: DemoFolder, sky: WrittenSky): Promise<PrepareSummary> {
  const bar = progressBar("prepare", sky.images.length, { unit: "fields" });
  const testFields = sky.images.slice(-NUM_TEST_FIELDS).map(fieldNameOf);
  const options = {
    inputs: sky.images,
    out: crops,
    cropSize: CROP_SIZE,
    margin: CROP_MARGIN,
    catalogue: sky.catalogue,
    testFields,
  };
  const summary = await prepareCropSet(options, () => bar.advance(1));
  bar.finish();
  return summary;
}

/** DINO on the crops of the training fields; the metrics of every step. */
export async function trainStage(
  { run: path }: DemoFolder,
  cropSet: CropSet,
  config: DinoConfig,
): Promise<readonly DinoMetrics[]> {
  const run = newRun(path, cropSet, config);
  const metrics: DinoMetrics[] = [];
  let bar: ReturnType<typeof progressBar> | undefined;
  try {
    await trainDino({
      cropSet,
      run,
      config,
      onStart: ({ numSteps }) => {
        bar = progressBar("train", numSteps, { unit: "steps" });
      },
      onStep: (step) => {
        metrics.push(step);
        bar?.advance(1, `loss ${step.loss.toFixed(2)} (ln K ${step.lnK.toFixed(2)})`);
      },
    });
  } finally {
    bar?.finish();
    run.close();
  }
  return metrics;
}

/** The trained backbone's table, then those of the floors and of an untrained backbone of the same shape. */
export async function embedStage({ run, embeddings }: DemoFolder, cropSet: CropSet): Promise<readonly EmbeddingTable[]> {
  // From the floor that sees most to the one that sees nothing.
  const names = [run, `random:${run}:0`, ...FLOORS.toReversed()];
  const bar = progressBar("embed", names.length * cropSet.records.length, { unit: "crops" });
  const tables: EmbeddingTable[] = [];
  for (const name of names) {
    const backbone = await openBackboneFor(cropSet, name, { batch: EMBED_BATCH, device: "cpu" });
    try {
      const table = await embedCropSet(cropSet, backbone, {
        batchSize: EMBED_BATCH,
        seenIds: seenIdsIn(cropSet, backbone.seenRows ?? []),
        onProgress: (count) => bar.advance(count),
      });
      writeEmbeddings(join(embeddings, `${fileNameOf(name, run)}.parquet`), table);
      tables.push(table);
    } finally {
      backbone.close();
    }
  }
  bar.finish();
  return tables;
}

function fileNameOf(name: string, run: string): string {
  if (name === run) return "trained";
  return name.startsWith("random:") ? "untrained" : name;
}

/** Source counts of the fields set aside. */
export function probeStage([trained, ...floors]: readonly EmbeddingTable[], seed: number): TaskResult {
  const bar = progressBar("probe", 1, { unit: "evaluation" });
  const result = evaluateSourceCount({
    table: trained!,
    floors,
    label: "sourceCount",
    split: "own",
    splitSeed: seed,
    probeSeeds: PROBE_SEEDS,
    seenTestRows: "refuse",
  });
  bar.advance(1);
  bar.finish();
  return result;
}

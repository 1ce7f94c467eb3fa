// suricate demo: the whole way on a small simulated sky, in minutes on two cores, to one page.
import { availableParallelism, cpus } from "node:os";
import { Command } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import { formatYaml } from "#base/yaml";
import type { DinoMetrics } from "#learn/dino";
import { cropInput } from "#learn/embeddings";
import { attentionMaps } from "#learn/embeddings/native";
import { type DemoReport, formatDemoReport, type StageTiming } from "#report";
import { readCatalogue } from "#sky/catalogue/disk";
import { fieldNameOf } from "#sky/fits";
import type { WrittenSky } from "#sky/simulator/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { galleryCrops, spreadByCount } from "./demo/example-crops.ts";
import { type DemoFolder, demoFolder } from "./demo/folder.ts";
import { ATTENTION_SIZE, CROP_SIZE, DEMO_SKY, demoTraining } from "./demo/settings.ts";
import { embedStage, prepareStage, probeStage, simulateStage, trainStage } from "./demo/stages.ts";
import { resultLines } from "./result-lines.ts";
import { answer, formatDuration, printJson, say } from "./terminal.ts";
import { versions } from "./versions.ts";
import { seedNumber } from "./whole-number.ts";

interface DemoFlags {
  readonly out: string;
  readonly seed: number;
  readonly json: boolean;
}

const NUM_EXAMPLES = 8;

const EXAMPLES = `
Examples:
  suricate demo
  suricate demo --out /data/demo --seed 7 --json

The folder then holds fields/, crops/, run/, embeddings/, results.json and report.html: open the last in a browser.`;

/** \`suricate demo\`. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("The whole way on a small simulated sky: simulate, prepare, train, embed, probe, report. Minutes on two cores.")
    .option("--out <folder>", "where everything goes; what an earlier demo left there is replaced", "demo")
    .option("--seed <number>", "seed of sky, training and probe", seedNumber, 1)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(runDemo);
}

async function runDemo({ out, seed, json }: DemoFlags): Promise<void> {
  const folder = demoFolder(out);
  const timings: StageTiming[] = [];
  const timed = async <T>(stage: string, work: () => T | Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    timings.push({ stage, seconds: (performance.now() - started) / 1000 });
    return result;
  };
  const config = demoTraining(seed);
  const sky = await timed("simulate", () => simulateStage(folder, seed));
  await timed("prepare", () => prepareStage(folder, sky));
  const cropSet = await openCropSet(folder.crops);
  try {
    const training = await timed("train", () => trainStage(folder, cropSet, config));
    const tables = await timed("embed", () => embedStage(folder, cropSet));
    const result = await timed("probe", () => probeStage(tables, seed));
    const record: DemoReport = {
      simulator: sky.simulator,
      sky: {
        numFields: DEMO_SKY.numFields,
        fieldSize: DEMO_SKY.fieldSize,
        pixelScaleDeg: DEMO_SKY.pixelScaleDeg,
        numCatalogued: sky.numCatalogued,
      },
      crops: { count: cropSet.records.length, cropSize: CROP_SIZE },
      training,
      ...(await pictures(folder, cropSet, sky)),
      result,
      names: namesOf(folder),
      timings,
      facts: factsOf(cropSet, seed),
      configYaml: formatYaml(config),
    };
    writeText(folder.report, formatDemoReport(record));
    writeText(folder.results, `${JSON.stringify({ seed, versions: versions(), timings, result }, null, 2)}\n`);
    if (json) printJson(summaryOf(folder, training, timings, result));
    else finish(folder, timings, result);
  } finally {
    cropSet.close();
  }
}

/** Example crops, and the attention paid to the one in the middle of them. */
async function pictures(
  { run }: DemoFolder,
  cropSet: CropSet,
  sky: WrittenSky,
): Promise<Pick<DemoReport, "examples" | "attention">> {
  const images = new Map(sky.images.map((path) => [fieldNameOf(path), path]));
  const indices = spreadByCount(cropSet.records, NUM_EXAMPLES);
  const examples = galleryCrops(cropSet, indices, { images, sources: readCatalogue(sky.catalogue).sources });
  const middle = indices[Math.floor(indices.length / 2)]!;
  const { numHeads, gridSide, maps } = await attentionMaps(run, cropInput(cropSet, middle, ATTENTION_SIZE));
  const numPatches = gridSide * gridSide;
  const heads = Array.from({ length: numHeads }, (_, head) => ({
    height: gridSide,
    width: gridSide,
    pixels: maps.slice(head * numPatches, (head + 1) * numPatches),
  }));
  const crop = { height: CROP_SIZE, width: CROP_SIZE, pixels: cropInput(cropSet, middle, CROP_SIZE) };
  return { examples, attention: { cropId: cropSet.records[middle]!.id, crop, heads } };
}

function namesOf({ run }: DemoFolder): ReadonlyMap<string, string> {
  return new Map([
    [run, "trained backbone"],
    [`random:${run}:0`, "an untrained backbone"],
    ["pixels", "raw pixels"],
    ["statistics", "image statistics"],
    ["mean", "the mean count"],
  ]);
}

function factsOf(cropSet: CropSet, seed: number): DemoReport["facts"] {
  return [
    ["command", `suricate demo --seed ${seed}`],
    ...Object.entries(versions()),
    ["device", `cpu: ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "of unknown make"}`],
    ["crop set, SHA-256", cropSet.sha256],
    ["catalogue, SHA-256", cropSet.info.catalogue?.sha256 ?? "none"],
  ];
}

function summaryOf(
  folder: DemoFolder,
  training: readonly DinoMetrics[],
  timings: readonly StageTiming[],
  result: Awaited<ReturnType<typeof probeStage>>,
) {
  const { loss, lnK, teacherEntropy, embeddingSpread } = training.at(-1)!; // a run has at least one step
  const { value, interval, floors, comparisons } = result;
  return {
    out: folder.root,
    report: folder.report,
    timings,
    training: { numSteps: training.length, loss, lnK, teacherEntropy, embeddingSpread },
    meanSquaredError: {
      value,
      interval,
      floors: floors.map((floor) => ({ backbone: floor.backbone, value: floor.value, interval: floor.interval })),
    },
    comparisons,
  };
}

function finish(folder: DemoFolder, timings: readonly StageTiming[], result: Parameters<typeof resultLines>[0]): void {
  answer(resultLines(result));
  say(`\nDone in ${formatDuration(timings.reduce((sum, { seconds }) => sum + seconds, 0))}. Open ${folder.report} in a browser.`);
}

function writeText(path: string, text: string): void {
  writeFileAtomically(path, new TextEncoder().encode(text));
}

// suricate train: DINO on a crop set, into a run folder; stopped with Ctrl-C, gone on with --resume.
import { existsSync, readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { applySettings, ConfigError, checkConfig, nameHint, parseYaml } from "#base/config";
import { DINO_PRESETS, type DinoConfig, type DinoMetrics, dinoConfigSchema, trainingRows } from "#learn/dino";
import { type TrainSummary, trainDino } from "#learn/dino/native";
import { createRun, openRun, type Run } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { type ProgressBar, printJson, progressBar, say } from "./terminal.ts";
import { versions } from "./versions.ts";

interface TrainFlags {
  readonly out: string;
  readonly preset?: string;
  readonly config?: string;
  readonly set: readonly string[];
  readonly resume: boolean;
  readonly device: "cpu";
  readonly threads?: number;
  readonly viewThreads: number;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate train crops --out runs/first --preset small
  suricate train crops --out runs/vit --preset paper-vit --set numEpochs=100 --set seed=3
  suricate train crops --out runs/vit --resume

Presets: ${Object.keys(DINO_PRESETS).join(", ")}. Watch a run with TensorBoard: tensorboard --logdir runs`;

export function trainCommand(): Command {
  return new Command("train")
    .description("Train a backbone on a crop set with DINO, without labels.")
    .argument("<cropset>", "crop set folder, as prepare or import made it")
    .requiredOption("--out <run>", "run folder: made new, or with --resume gone on with")
    .option("--preset <name>", "settings by name; the schema's defaults otherwise")
    .option("--config <file>", "YAML file of settings, laid over the preset")
    .option("--set <key=value>", "one setting, laid over all others; may be repeated", collect, [])
    .option("--resume", "go on from the run's newest checkpoint", false)
    .addOption(new Option("--device <name>", "where to compute").choices(["cpu", "webgpu", "cuda"]).default("cpu"))
    .option("--threads <n>", "threads of the device (default: all cores)", wholeNumber)
    .option("--view-threads <n>", "worker threads that make views", wholeNumber, 1)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(runTrain);
}

async function runTrain(cropSetPath: string, flags: TrainFlags): Promise<void> {
  const cropSet = await openCropSet(cropSetPath);
  const { run, config } = openTraining(cropSet, flags);
  const abort = new AbortController();
  const stop = () => {
    say("\nsuricate: stopping after this step; the run can be resumed.");
    abort.abort();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  let bar: ProgressBar | undefined;
  try {
    const summary = await trainDino({
      cropSet,
      run,
      config,
      device: flags.device,
      ...(flags.threads === undefined ? {} : { numThreads: flags.threads }),
      numViewThreads: flags.viewThreads,
      signal: abort.signal,
      onStart: ({ numSteps, firstStep, stepsPerEpoch, numCrops }) => {
        say(
          `Training on ${numCrops} crops: ${config.numEpochs} epochs of ${stepsPerEpoch} steps${firstStep ? `, from step ${firstStep}` : ""}.`,
        );
        bar = progressBar("train", numSteps - firstStep, { unit: "steps" });
      },
      onStep: (metrics) => bar?.advance(1, metricsNote(metrics)),
    });
    bar?.finish();
    finishTrain(summary, flags);
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    run.close();
    cropSet.close();
  }
}

/** A new run with its settings, or the run that --resume goes on with and the settings it was made with. */
function openTraining(cropSet: CropSet, flags: TrainFlags): { readonly run: Run; readonly config: DinoConfig } {
  if (flags.resume) {
    if (flags.preset || flags.config || flags.set.length > 0) {
      throw new ConfigError("train: --resume goes on with the run's own settings: leave out --preset, --config and --set.");
    }
    const run = openRun(flags.out, { onWarning: say });
    const seen = run.info.inputs.find(({ name }) => name === "crop set");
    if (seen && seen.sha256 !== cropSet.sha256) {
      throw new ConfigError(
        `train: --resume ${flags.out}: it was trained on another crop set (sha256 ${seen.sha256.slice(0, 12)}, got ${cropSet.sha256.slice(0, 12)}).`,
      );
    }
    return { run, config: checkConfig(dinoConfigSchema, run.info.config, `${flags.out}/config.yaml`) };
  }
  const config = resolvedConfig(flags);
  const seenRows = trainingRows(cropSet).map((index) => cropSet.records[index]!.id);
  const run = createRun(
    flags.out,
    {
      versions: versions(),
      seed: config.seed,
      inputs: [{ name: "crop set", sha256: cropSet.sha256 }],
      keep: { last: config.checkpoints.keepLast, every: config.checkpoints.keepEvery },
      config,
    },
    { seenRows: [{ cropSetName: cropSet.info.name, cropSetSha256: cropSet.sha256, ids: seenRows }] },
  );
  return { run, config };
}

/** Preset, then file, then single settings: each laid over the one before. */
function resolvedConfig({ preset, config: file, set }: TrainFlags): DinoConfig {
  const ofPreset = preset === undefined ? {} : presetSettings(preset);
  const ofFile = file === undefined ? {} : fileSettings(file);
  // Defaults first: --set knows the names of all settings, not only of those that a preset or a file gives.
  const filled = checkConfig(dinoConfigSchema, layered(ofPreset, ofFile), file ?? (preset ? `preset ${preset}` : "train"));
  return checkConfig(dinoConfigSchema, applySettings(filled, set), "--set");
}

function presetSettings(name: string): object {
  const preset = DINO_PRESETS[name];
  if (preset) return preset;
  const names = Object.keys(DINO_PRESETS);
  throw new ConfigError(`--preset ${name}: expected one of ${names.join(", ")}.${nameHint(name, names)}`);
}

function fileSettings(file: string): object {
  if (!existsSync(file)) throw new ConfigError(`--config ${file}: there is no such file.`);
  return (parseYaml(readFileSync(file, "utf8"), file) ?? {}) as object; // the schema checks it when all layers are together
}

function layered(under: object, over: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isPlainObject(below) && isPlainObject(value) ? layered(below, value) : value;
  }
  return result;
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function metricsNote({ loss, lnK, teacherEntropy }: DinoMetrics): string {
  return `loss ${loss.toFixed(3)} (ln K ${lnK.toFixed(2)}), teacher entropy ${teacherEntropy.toFixed(2)}`;
}

function finishTrain(summary: TrainSummary, { json, out }: TrainFlags): void {
  const { outcome, counters, lastMetrics, seconds } = summary;
  if (json)
    printJson({ run: out, outcome, epoch: counters.epoch, step: counters.step, seconds, lastMetrics: lastMetrics ?? null });
  const went = `${counters.epoch} epochs, ${counters.step} steps`;
  say(
    outcome === "finished"
      ? `Trained ${went}: ${out}`
      : `Stopped after ${went}. Go on with: suricate train CROPSET --out ${out} --resume`,
  );
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

/** A whole number of at least 0. Throws ConfigError. */
function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new ConfigError(`expected a whole number of at least 0, got "${text}".`);
}

// suricate train: DINO on a crop set, into a run folder; stopped with Ctrl-C, gone on with --resume.
import { Command } from "commander";
import { ConfigError, checkConfig } from "#base/config";
import type { DeviceName } from "#engine/runtime/native";
import { checkResumable, checkTraining, DINO_PRESETS, type DinoConfig, type DinoMetrics, dinoConfigSchema } from "#learn/dino";
import { type TrainSummary, trainDino } from "#learn/dino/native";
import { openRun, type Run, readRunInfo, removeUnusedRun } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { openCropSet } from "#sky/survey/disk";
import { collect } from "./collect.ts";
import { deviceOption } from "./device-option.ts";
import { type Interruption, untilInterrupted } from "./interruption.ts";
import { CROP_SET_INPUT, keepingPolicy, newRun } from "./new-run.ts";
import { counted, type ProgressBar, printJson, progressBar, say } from "./terminal.ts";
import { countProbe, probeText } from "./train/count-probe.ts";
import { resolvedConfig, type SettingFlags, standardised, withSettings } from "./train/settings.ts";
import { UsageError } from "./usage-error.ts";
import { countFrom0, positiveInteger } from "./whole-number.ts";

interface TrainFlags extends SettingFlags {
  readonly out: string;
  readonly resume: boolean;
  readonly standardise: boolean;
  readonly device: DeviceName;
  readonly threads?: number;
  readonly viewThreads: number;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate train crops --out runs/first --preset small --standardise
  suricate train crops --out runs/vit --preset paper-vit --set numEpochs=100 --set seed=3
  suricate train crops --out runs/vit --resume
  suricate train crops --out runs/vit --resume --set learningRatePer256=0.001

Where crops have a count (sourceCount or islandCount), a linear probe on 30 % of the training crops judges the teacher every
probe.everyEpochs epochs (25). Training stops early once its loss has not fallen by 1 %, or the probe not improved, in
stopping.patienceEpochs epochs (100; null: never). A collapse is told once, with the settings that help.

Presets: ${Object.keys(DINO_PRESETS).join(", ")}. "suricate settings PRESET" prints every setting.
Watch a run with TensorBoard: tensorboard --logdir runs
Ctrl-C stops after the step under way, with a checkpoint (exit code 130; 143 after SIGTERM); a second one stops at once.`;

export function trainCommand(): Command {
  return new Command("train")
    .description("Train a backbone on a crop set with DINO, without labels.")
    .argument("<cropset>", "crop set folder, as prepare or import made it")
    .requiredOption("--out <run>", "run folder: made new, or with --resume gone on with")
    .option("--preset <name>", "settings by name; the schema's defaults otherwise")
    .option("--config <file>", "YAML file of settings, laid over the preset")
    .option("--set <key=value>", "one setting, laid over all others; may be repeated", collect, [])
    .option("--standardise", "let the backbone subtract the training crops' mean and divide by their spread", false)
    .option("--resume", "go on from the run's newest checkpoint", false)
    .addOption(deviceOption())
    .option("--threads <n>", "threads of the device (default: all cores)", positiveInteger)
    .option("--view-threads <n>", "worker threads that make views", countFrom0, 1)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(runTrain);
}

async function runTrain(cropSetPath: string, flags: TrainFlags): Promise<void> {
  const cropSet = await openCropSet(cropSetPath);
  try {
    const { run, config } = openTraining(cropSet, flags);
    const interruption = untilInterrupted("stopping after this step; the run can be resumed. Once more stops at once.");
    try {
      const summary = await trainWithBar({ cropSet, run, config, flags, interruption });
      finishTrain(summary, cropSetPath, flags);
      if (summary.outcome === "interrupted") process.exitCode = interruption.exitCode();
    } finally {
      interruption.close();
      run.close();
      // A device that cannot be opened leaves no run that is none.
      if (!flags.resume) removeUnusedRun(run.path);
    }
  } finally {
    cropSet.close();
  }
}

interface Training {
  readonly cropSet: CropSet;
  readonly run: Run;
  readonly config: DinoConfig;
  readonly flags: TrainFlags;
  readonly interruption: Interruption;
}

async function trainWithBar({ cropSet, run, config, flags, interruption }: Training): Promise<TrainSummary> {
  let bar: ProgressBar | undefined;
  const probe = countProbe(cropSet, config, flags);
  try {
    return await trainDino({
      cropSet,
      run,
      config,
      ...(probe === undefined ? {} : { probe: probe.run }),
      onAdvice: say,
      device: flags.device,
      ...(flags.threads === undefined ? {} : { numThreads: flags.threads }),
      numViewThreads: flags.viewThreads,
      signal: interruption.signal,
      onStart: ({ numSteps, firstStep, stepsPerEpoch, numCrops }) => {
        if (firstStep >= numSteps) return;
        const from = firstStep > 0 ? `, from step ${firstStep}` : "";
        say(`Training on ${numCrops} crops: ${counted(config.numEpochs, "epoch")} of ${counted(stepsPerEpoch, "step")}${from}.`);
        if (probe !== undefined && (config.probe.everyEpochs ?? config.numEpochs + 1) <= config.numEpochs)
          say(probeText(probe, config));
        bar = progressBar("train", numSteps - firstStep, { unit: "steps" });
      },
      onStep: (metrics) => bar?.advance(1, metricsNote(metrics)),
    });
  } finally {
    bar?.finish();
  }
}

/** A new run with its settings, or the run that --resume goes on with. Nothing is written before all is checked. */
function openTraining(cropSet: CropSet, flags: TrainFlags): { readonly run: Run; readonly config: DinoConfig } {
  return flags.resume ? resumedTraining(cropSet, flags) : newTraining(cropSet, flags);
}

function newTraining(cropSet: CropSet, flags: TrainFlags): { readonly run: Run; readonly config: DinoConfig } {
  const settings = resolvedConfig(flags);
  const { rows } = checkTraining(cropSet, settings);
  const config = flags.standardise ? standardised(settings, cropSet, rows) : settings;
  return { run: newRun(flags.out, cropSet, config), config };
}

function resumedTraining(cropSet: CropSet, { out, preset, config: file, set, standardise }: TrainFlags) {
  if (preset !== undefined || file !== undefined || standardise) {
    throw new UsageError(
      "train: --resume goes on with the run's own settings: leave out --preset, --config and --standardise. Single ones: --set.",
    );
  }
  const info = readRunInfo(out);
  const seen = info.inputs.find(({ name }) => name === CROP_SET_INPUT);
  if (seen && seen.sha256 !== cropSet.sha256) {
    throw new ConfigError(
      `train: --resume ${out}: expected the crop set that it was trained on (SHA-256 ${seen.sha256.slice(0, 12)}...), ` +
        `got another (${cropSet.sha256.slice(0, 12)}...).`,
    );
  }
  const before = checkConfig(dinoConfigSchema, info.config, `${out}/config.yaml`);
  const config = withSettings(before, set);
  checkResumable(before, config);
  checkTraining(cropSet, config);
  const isChanged = JSON.stringify(config) !== JSON.stringify(before);
  const change = isChanged ? { settings: set, config, keep: keepingPolicy(config) } : undefined;
  return { run: openRun(out, { onWarning: say, change }), config };
}

function metricsNote({ loss, lnK, teacherEntropy, probeError }: DinoMetrics): string {
  const probed = probeError === undefined ? "" : `, probe's error ${probeError.toPrecision(3)}`;
  return `loss ${loss.toFixed(3)} (ln K ${lnK.toFixed(2)}), teacher entropy ${teacherEntropy.toFixed(2)}${probed}`;
}

function finishTrain(summary: TrainSummary, cropSetPath: string, { json, out }: TrainFlags): void {
  const { outcome, reason, counters, lastMetrics, seconds } = summary;
  const { epoch, step } = counters;
  if (json) printJson({ run: out, outcome, reason: reason ?? null, epoch, step, seconds, lastMetrics: lastMetrics ?? null });
  const went = `${counted(epoch, "epoch")}, ${counted(step, "step")}`;
  const again = `suricate train ${cropSetPath} --out ${out} --resume`;
  const lines: Readonly<Record<TrainSummary["outcome"], string>> = {
    finished:
      lastMetrics === undefined
        ? `${out} is trained already: ${went}. Train on with --resume --set numEpochs=MORE.`
        : `Trained ${went}: ${out}`,
    converged: `Converged after ${went}: ${reason}. Run: ${out}. Go on all the same with: ${again} --set stopping.patienceEpochs=null`,
    interrupted: `Stopped after ${went}. Go on with: ${again}`,
  };
  say(lines[outcome]);
}

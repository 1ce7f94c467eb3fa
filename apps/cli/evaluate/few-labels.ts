// suricate evaluate few-labels: errors by the number of labelled crops, on stratified draws (paper appendix C.2).
import type { Command } from "commander";
import { openDevice } from "#engine/runtime/native";
import { openTrainableBackbone } from "#learn/embeddings/native";
import {
  checkFinetuneSettings,
  evaluateFewLabels,
  type FewLabelsLearner,
  type FewLabelsRecord,
  type PcaChoice,
} from "#learn/tasks";
import { scratchLearner } from "#learn/tasks/native";
import { openTransferSet } from "#sky/survey/disk";
import { checkBackboneName } from "../embeddings.ts";
import { untilInterrupted } from "../interruption.ts";
import { type ProgressBar, progressBar } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { countFrom0, positiveInteger } from "../whole-number.ts";
import { CLASS_FLOORS } from "./class-task.ts";
import { fewLabelsLines } from "./few-labels-lines.ts";
import {
  checkTestSet,
  type OneSplitFlags,
  oneSplitTestIds,
  positiveClassOf,
  type TrainingFlags,
  trainingSettings,
  withOneSplit,
  withTraining,
} from "./finetune-options.ts";
import { pcaChoice } from "./row-choices.ts";
import { seenTestRows, taskCommand, tellRecord, withNotes } from "./task-command.ts";
import { type TaskFloors, taskTables } from "./task-tables.ts";

interface Flags extends OneSplitFlags, TrainingFlags {
  readonly counts?: readonly number[];
  readonly draws: number;
  readonly pca: PcaChoice;
  readonly scratchEpochs: number;
}

const EXAMPLES = `  suricate evaluate few-labels mirabest --backbone runs/first
  suricate evaluate few-labels mirabest --backbone runs/first --counts 36,72,145 --draws 50
  suricate evaluate few-labels mirabest --backbone random:resnet18 --scratch-epochs 20 --draws 3
  suricate evaluate few-labels --embeddings mine.parquet --split holdout --json

Every subset has each class in its share, and the same subsets are given to all backbones. Components and scaling are fitted on
all training crops, which needs no labels; the probe on the subset alone. With --scratch-epochs the backbone's network is also
trained from scratch on every subset, which takes a training for each draw of each size.`;

const FLOORS: TaskFloors = { ...CLASS_FLOORS, numUntrained: 1 };

export function fewLabelsCommand(): Command {
  const command = taskCommand("few-labels", "Errors of a linear probe by the number of labelled crops.", EXAMPLES);
  return withTraining(withOneSplit(command))
    .option("--counts <list>", "sizes of subsets: 36,72,145 (default: 5, 10, 20, 40, 60, 80, 90 and 100 %)", countList)
    .option("--draws <n>", "subsets of each size", positiveInteger, 10)
    .option(
      "--pca <n>",
      "principal components: auto (100, or a tenth of the training crops), none, or a number",
      pcaChoice,
      "auto",
    )
    .option("--scratch-epochs <n>", "also train the network from scratch on every subset, for so many epochs", countFrom0, 0)
    .action(evaluate);
}

async function evaluate(data: string | undefined, flags: Flags): Promise<void> {
  checkTestSet("few-labels", flags);
  const record = flags.scratchEpochs === 0 ? await evaluated(data, flags) : await withScratch(data, flags);
  if (record) tellRecord(record, flags, () => fewLabelsLines(record));
}

/** With networks trained from scratch; undefined where it was interrupted. */
async function withScratch(data: string | undefined, flags: Flags): Promise<FewLabelsRecord | undefined> {
  if (data === undefined || flags.backbone === undefined) {
    throw new UsageError(
      "evaluate few-labels: --scratch-epochs: expected a crop set folder and --backbone, whose shape the network from scratch has.",
    );
  }
  checkBackboneName(flags.backbone);
  const backbone = openTrainableBackbone(flags.backbone);
  const cropSet = await openTransferSet(data, flags.test);
  const settings = trainingSettings(flags, flags.scratchEpochs, cropSet);
  const { device: name, threads } = flags;
  const device = openDevice({ device: name, ...(threads === undefined ? {} : { numThreads: threads }) });
  const interruption = untilInterrupted("stopping after the update under way; nothing is written.");
  const { signal } = interruption;
  try {
    // Embedding takes long: what cannot be trained is refused before.
    checkFinetuneSettings(settings, backbone.config, cropSet.info.cropSize);
    return await evaluated(data, flags, (onUpdate) => scratchLearner({ cropSet, backbone, device, settings, onUpdate, signal }));
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = interruption.exitCode();
    return undefined;
  } finally {
    interruption.close();
    device.close();
    cropSet.close();
  }
}

async function evaluated(
  data: string | undefined,
  flags: Flags,
  learnerOf?: (onUpdate: (note: string) => void) => FewLabelsLearner,
): Promise<FewLabelsRecord> {
  const { table, floors, notes } = await taskTables(data, flags, {
    floors: FLOORS,
    testIdsOf: (table) => oneSplitTestIds(table, flags),
  });
  let bar: ProgressBar | undefined;
  const learners = learnerOf ? [learnerOf((note) => bar?.advance(0, note))] : [];
  try {
    const record = await evaluateFewLabels({
      ...{ table, floors, learners },
      classes: flags.classes ?? null,
      positiveClass: positiveClassOf(flags, table),
      pca: flags.pca,
      dataQualityFlags: flags.dqf ?? null,
      split: flags.split,
      splitSeed: flags.seed,
      counts: flags.counts ?? null,
      numDraws: flags.draws,
      seenTestRows: seenTestRows(flags),
      sharedRows: flags.shared,
      onStart: (numFits) => {
        bar = progressBar("evaluate", numFits, { unit: "fits" });
      },
      onFit: () => bar?.advance(1),
    });
    return withNotes(record, notes);
  } finally {
    bar?.finish();
  }
}

function countList(text: string): number[] {
  return text.split(",").map((word) => positiveInteger(word.trim()));
}

// suricate evaluate finetune: classes by a network whose last layers learn, beside the same network from scratch and frozen
// (paper appendix C.1; section 4.3 with four classes).
import { type Command, Option } from "commander";
import { layerGroups } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { openTrainableBackbone, type TrainableBackbone } from "#learn/embeddings/native";
import {
  checkFinetuneSettings,
  checkNumLayers,
  DEFAULT_FINETUNE_SETTINGS,
  type FinetuneRecord,
  type Validation,
} from "#learn/tasks";
import { checkReplicas, evaluateFinetune } from "#learn/tasks/native";
import type { CropSet } from "#sky/survey";
import { openTransferSet } from "#sky/survey/disk";
import { decimal } from "../decimal.ts";
import { checkBackboneName } from "../embeddings.ts";
import { untilInterrupted } from "../interruption.ts";
import { type ProgressBar, progressBar } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";
import { positiveInteger } from "../whole-number.ts";
import { finetuneLines } from "./finetune-lines.ts";
import {
  checkTestSet,
  layersOf,
  type OneSplitFlags,
  oneSplitTestIds,
  positiveClassOf,
  type TrainingFlags,
  trainingSettings,
  validationOf,
  withOneSplit,
  withTraining,
} from "./finetune-options.ts";
import { seenTestRows, taskCommand, tellRecord, withNotes } from "./task-command.ts";
import { type TaskFloors, taskTables } from "./task-tables.ts";

interface Flags extends OneSplitFlags, TrainingFlags {
  readonly layers: readonly string[];
  readonly epochs: number;
  readonly seeds: number;
  readonly valid: Validation;
  readonly rateScale: number;
  readonly scratch: boolean;
}

const EXAMPLES = `  suricate evaluate finetune mirabest --backbone runs/first --layers 0..9 --seeds 3
  suricate evaluate finetune mirabest --backbone dino-resnet50 --layers 0 3 6 --epochs 100
  suricate evaluate finetune simulated --test mirabest --backbone random:resnet18 --layers all --no-scratch
  suricate evaluate finetune rgd --backbone runs/first --layers all --valid own --classes FRI FRII Compact Bent
  suricate evaluate finetune mirabest --backbone runs/seed-0 --replicas runs/seed-1 runs/seed-2 --layers 0 9 --dqf 0+1
  suricate evaluate finetune mirabest --backbone random:resnet18 --layers all --epochs 10 --no-scratch --json

Layers are groups from the head down: of a ResNet its residual blocks and its stem, of a Vision Transformer its blocks and its
patch embedding; 0 trains the head alone. Rates, decay, smoothing and head are the paper's (appendix C.1). Training crops are turned
by any angle and flipped. The last epoch is tested; with --valid the one of the lowest loss on crops set aside from training.`;

/** The frozen backbone is scored anyway; what looks at pictures alone is for evaluate fr. */
const FLOORS: TaskFloors = { constant: "majority", ofPictures: () => [], numUntrained: 1 };

export function finetuneCommand(): Command {
  const { numEpochs } = DEFAULT_FINETUNE_SETTINGS;
  const command = taskCommand("finetune", "Classes by a network whose last layers are trained.", EXAMPLES, "crop set folder");
  // Refused in words of its own: embeddings alone cannot be trained.
  command.options.find(({ long }) => long === "--embeddings")?.hideHelp();
  return withTraining(withOneSplit(command))
    .addOption(
      new Option(
        "--layers <k...>",
        "layer groups to train, from the head down: numbers, ranges as in 0..9 or 0..all, or all",
      ).default(["all"], "all"),
    )
    .option("--epochs <n>", "passes over the training crops", positiveInteger, numEpochs)
    .option("--seeds <n>", "how many seeds every network is trained with", positiveInteger, 3)
    .option("--valid <share>", "training crops set aside to choose the epoch: none, own, or a share", validationOf, "none")
    .option("--rate-scale <factor>", "multiplies the paper's learning rates", decimal, 1)
    .option("--no-scratch", "leave out the same network trained from scratch")
    .action(evaluate);
}

async function evaluate(data: string | undefined, flags: Flags): Promise<void> {
  if (data === undefined || data.endsWith(".parquet") || flags.backbone === undefined || flags.embeddings !== undefined) {
    throw new UsageError("evaluate finetune: expected a crop set folder and --backbone: embeddings alone cannot be trained.");
  }
  checkTestSet("finetune", flags);
  const [backbone, ...replicas] = opened([flags.backbone, ...flags.replicas]);
  checkReplicas(backbone, replicas);
  const layers = layersOf(flags.layers, layerGroups(backbone.config).length);
  const cropSet = await openTransferSet(data, flags.test);
  const interruption = untilInterrupted("stopping after the update under way; nothing is written.");
  try {
    const record = await finetuned({ cropSet, data, flags, backbone, replicas, layers, signal: interruption.signal });
    tellRecord(record, flags, () => finetuneLines(record));
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = interruption.exitCode();
  } finally {
    interruption.close();
    cropSet.close();
  }
}

/** The first in question, then its replicas. */
function opened(names: readonly string[]): [TrainableBackbone, ...TrainableBackbone[]] {
  for (const name of names) checkBackboneName(name);
  return names.map(openTrainableBackbone) as [TrainableBackbone, ...TrainableBackbone[]]; // --backbone is there
}

interface Work {
  readonly cropSet: CropSet;
  readonly data: string;
  readonly flags: Flags;
  readonly backbone: TrainableBackbone;
  readonly replicas: readonly TrainableBackbone[];
  readonly layers: readonly number[];
  readonly signal: AbortSignal;
}

async function finetuned({ cropSet, data, flags, backbone, replicas, layers, signal }: Work): Promise<FinetuneRecord> {
  const settings = trainingSettings(flags, flags.epochs, cropSet);
  // Embedding takes long: what cannot be trained is refused before.
  for (const numLayers of layers) checkNumLayers(numLayers, backbone.config);
  checkFinetuneSettings(settings, backbone.config, cropSet.info.cropSize);
  const { table, floors, notes } = await taskTables(data, flags, {
    floors: FLOORS,
    testIdsOf: (table) => oneSplitTestIds(table, flags),
  });
  const { device: name, threads } = flags;
  const device = openDevice({ device: name, ...(threads === undefined ? {} : { numThreads: threads }) });
  let bar: ProgressBar | undefined;
  try {
    const record = await evaluateFinetune({
      table,
      floors,
      cropSet,
      backbone,
      replicas,
      layers,
      device,
      signal,
      classes: flags.classes ?? null,
      positiveClass: positiveClassOf(flags, table),
      pca: "auto",
      dataQualityFlags: flags.dqf ?? null,
      split: flags.split,
      splitSeed: flags.seed,
      seeds: Array.from({ length: flags.seeds }, (_, seed) => seed),
      settings,
      rateScale: flags.rateScale,
      validation: flags.valid,
      scratch: flags.scratch ? "trained" : "left out",
      seenTestRows: seenTestRows(flags),
      sharedRows: flags.shared,
      onStart: (numUpdates) => {
        bar = progressBar("fine-tune", numUpdates, { unit: "updates" });
      },
      onUpdate: (note) => bar?.advance(1, note),
    });
    return withNotes(record, notes);
  } finally {
    bar?.finish();
    device.close();
  }
}

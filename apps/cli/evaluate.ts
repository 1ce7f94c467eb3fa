// suricate evaluate: what embeddings are worth for a task, beside floors that know nothing of learning; one command for each task.
import { Command } from "commander";
import { anomalyCommand } from "./evaluate/anomaly.ts";
import { ckaCommand } from "./evaluate/cka.ts";
import { fewLabelsCommand } from "./evaluate/few-labels.ts";
import { finetuneCommand } from "./evaluate/finetune.ts";
import { fourClassCommand } from "./evaluate/four-class.ts";
import { frCommand } from "./evaluate/fr.ts";
import { knnCommand } from "./evaluate/knn.ts";
import { shiftCommand } from "./evaluate/shift.ts";
import { similarityCommand } from "./evaluate/similarity.ts";
import { sourceCountCommand } from "./evaluate/source-count.ts";

/** The tasks, in the order of the paper's sections. A new one is a file in evaluate/ and a line here. */
const TASKS: readonly (() => Command)[] = [
  sourceCountCommand,
  frCommand,
  fourClassCommand,
  knnCommand,
  finetuneCommand,
  fewLabelsCommand,
  similarityCommand,
  anomalyCommand,
  shiftCommand,
  ckaCommand,
];

const EXAMPLES = `
Examples:
  suricate evaluate source-count crops --backbone runs/first --split field
  suricate evaluate fr mirabest --backbone runs/first --against dino-resnet50
  suricate evaluate four-class --help

Every task sets floors beside the backbone, prints 95 % intervals, and fits all that it fits on training crops alone.`;

/** `suricate evaluate`. */
export function evaluateCommand(): Command {
  const command = new Command("evaluate").description("Judge embeddings by a task, with intervals and floors.");
  for (const task of TASKS) command.addCommand(task());
  return command.addHelpText("after", EXAMPLES);
}

// suricate evaluate: what embeddings are worth for a task, beside floors that know nothing of learning; one command for each task.
import { Command } from "commander";
import { addCommands, type CommandTable } from "./command-table.ts";

/** The tasks, in the order of the paper's sections. A new one is a file in evaluate/ and a line here. */
const TASKS: CommandTable = [
  [
    "source-count",
    "numbers of sources by a probe (paper section 4.1)",
    async () => (await import("./evaluate/source-count.ts")).sourceCountCommand(),
  ],
  ["fr", "FRI against FRII by a linear probe (4.2)", async () => (await import("./evaluate/fr.ts")).frCommand()],
  [
    "four-class",
    "four morphologies, or every label of a set, by a linear probe",
    async () => (await import("./evaluate/four-class.ts")).fourClassCommand(),
  ],
  ["knn", "classes by the nearest training crops", async () => (await import("./evaluate/knn.ts")).knnCommand()],
  [
    "finetune",
    "classes by a network whose last layers are trained",
    async () => (await import("./evaluate/finetune.ts")).finetuneCommand(),
  ],
  ["few-labels", "errors by the number of labels", async () => (await import("./evaluate/few-labels.ts")).fewLabelsCommand()],
  ["similarity", "precision of similarity search", async () => (await import("./evaluate/similarity.ts")).similarityCommand()],
  ["anomaly", "oddness against scores of interest", async () => (await import("./evaluate/anomaly.ts")).anomalyCommand()],
  ["shift", "how far two sets lie apart", async () => (await import("./evaluate/shift.ts")).shiftCommand()],
  ["cka", "how alike two backbones see a set", async () => (await import("./evaluate/cka.ts")).ckaCommand()],
];

const EXAMPLES = `
Examples:
  suricate evaluate source-count crops --backbone runs/first --split field
  suricate evaluate fr mirabest --backbone runs/first --against dino-resnet50
  suricate evaluate four-class --help

Every task sets floors beside the backbone, prints 95 % intervals, and fits all that it fits on training crops alone.`;

/** `suricate evaluate` with the task that `args` name. */
export async function evaluateCommand(args: readonly string[]): Promise<Command> {
  const command = new Command("evaluate")
    .description("Judge embeddings by a task, with intervals and floors.")
    .addHelpText("after", EXAMPLES);
  await addCommands(command, TASKS, args);
  return command;
}

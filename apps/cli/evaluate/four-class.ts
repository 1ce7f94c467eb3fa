// suricate evaluate four-class: FRI, FRII, Compact and Bent by a linear probe on frozen embeddings (paper section 4.3).
import type { Command } from "commander";
import { type LinearFlags, withClassOptions, withLinearOptions } from "./class-options.ts";
import { runClassTask } from "./class-task.ts";
import { taskCommand } from "./task-command.ts";

/** In the order of the paper's Figure 11. */
const CLASSES = ["FRI", "FRII", "Compact", "Bent"] as const;

const EXAMPLES = `  suricate evaluate four-class rgd --backbone runs/first
  suricate evaluate four-class rgd --backbone runs/first --protocol both --json
  suricate evaluate four-class my-cutouts --embeddings mine.parquet --classes single double triple --split folds

Prints the confusion matrix and each class's recall and F1; --classes names other labels, as many as there are.`;

export function fourClassCommand(): Command {
  const command = taskCommand("four-class", "FRI, FRII, Compact and Bent: a linear probe on frozen embeddings.", EXAMPLES).option(
    "--positive <label>",
    "a class whose F1 is told apart",
  );
  return withLinearOptions(withClassOptions(command)).action((data: string | undefined, flags: LinearFlags) =>
    runClassTask({ task: "four-class", classes: CLASSES, positiveClass: null }, data, flags),
  );
}

// suricate evaluate knn: the labels of the nearest neighbours, with DINO's weights (Caron et al. 2021); nothing is fitted.
import type { Command } from "commander";
import { type ClassFlags, withClassOptions } from "./class-options.ts";
import { runClassTask } from "./class-task.ts";
import { taskCommand } from "./task-command.ts";

const EXAMPLES = `  suricate evaluate knn mirabest --backbone runs/first
  suricate evaluate knn rgd --backbone runs/first --against random:resnet50 --json
  suricate evaluate knn rgd --embeddings mine.parquet --classes FRI FRII

The 20 nearest training crops are the headline; 10, 100 and 200 stand in the JSON document.`;

export function knnCommand(): Command {
  const command = taskCommand("knn", "Labels of the nearest training crops, by cosine, with DINO's weights.", EXAMPLES).option(
    "--positive <label>",
    "a class whose F1 is told apart",
  );
  return withClassOptions(command).action((data: string | undefined, flags: ClassFlags) =>
    runClassTask({ task: "knn", classes: null, positiveClass: null }, data, flags),
  );
}

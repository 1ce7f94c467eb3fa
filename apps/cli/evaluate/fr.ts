// suricate evaluate fr: FRI against FRII by a linear probe on frozen embeddings (paper section 4.2).
import { type Command, Option } from "commander";
import { type LinearFlags, withClassOptions, withLinearOptions } from "./class-options.ts";
import { runClassTask } from "./class-task.ts";
import { taskCommand } from "./task-command.ts";

const CLASSES = ["FRI", "FRII"] as const;

const EXAMPLES = `  suricate evaluate fr mirabest --backbone runs/first
  suricate evaluate fr mirabest --backbone runs/first --split folds --repeats 10 --folds 5
  suricate evaluate fr mirabest --backbone runs/a --replicas runs/b runs/c --against dino-resnet50
  suricate evaluate fr mirabest --embeddings other-tool.parquet --protocol both --pca auto none
  suricate evaluate fr simulated --test mirabest --backbone random:resnet18
  suricate evaluate fr mightee-fr --backbone runs/first --split holdout --repeats 20 --json

The exact probe is the headline: logistic regression, its penalty chosen on training crops. The sgd probe is the paper's layer.
Floors: majority, image statistics, the raw pixels of the middle (96 pixels), and five untrained networks of the same shape.`;

export function frCommand(): Command {
  const command = taskCommand("fr", "FRI against FRII: a linear probe on frozen embeddings.", EXAMPLES).addOption(
    new Option("--positive <label>", "the class whose F1 is told").default("FRI"),
  );
  return withLinearOptions(withClassOptions(command)).action((data: string | undefined, flags: LinearFlags) =>
    runClassTask({ task: "fr", classes: CLASSES, positiveClass: "FRI" }, data, flags),
  );
}

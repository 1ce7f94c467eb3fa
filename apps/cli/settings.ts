// suricate settings: every setting of a training with its value, as a file for --config, and their JSON Schema.
import { Command } from "commander";
import { jsonSchemaOf } from "#base/config";
import { formatYaml } from "#base/yaml";
import { DINO_PRESETS, dinoConfigSchema } from "#learn/dino";
import { collect } from "./collect.ts";
import { print, printJson } from "./terminal.ts";
import { resolvedConfig } from "./train/settings.ts";
import { UsageError } from "./usage-error.ts";

interface Flags {
  readonly config?: string;
  readonly set: readonly string[];
  readonly schema: boolean;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate settings
  suricate settings small > mine.yaml
  suricate settings paper-vit --set numEpochs=100 --json
  suricate settings --config mine.yaml
  suricate settings --schema > settings.schema.json

Presets: ${Object.keys(DINO_PRESETS).join(", ")}; without one, the defaults.
What is printed is what train --config reads. An editor that knows JSON Schema completes and checks names where a file begins
"# yaml-language-server: $schema=settings.schema.json".`;

/** `suricate settings`. */
export function settingsCommand(): Command {
  return new Command("settings")
    .description("Print every setting of a training with its value, as YAML for train --config, or their JSON Schema.")
    .argument("[preset]", "settings by name; the defaults otherwise")
    .option("--config <file>", "YAML file of settings, laid over the preset")
    .option("--set <key=value>", "one setting, laid over all others; may be repeated", collect, [])
    .option("--schema", "print the JSON Schema of such files", false)
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(settings);
}

function settings(preset: string | undefined, { config, set, schema, json }: Flags): void {
  if (schema && (preset !== undefined || config !== undefined || set.length > 0))
    throw new UsageError("settings: --schema: expected no preset, --config and --set beside it: it is the same for all.");
  if (schema) {
    printJson(jsonSchemaOf(dinoConfigSchema));
    return;
  }
  const resolved = resolvedConfig({
    ...(preset === undefined ? {} : { preset }),
    ...(config === undefined ? {} : { config }),
    set,
  });
  if (json) printJson(resolved);
  else print(formatYaml(resolved));
}

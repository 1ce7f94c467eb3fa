// suricate backbones: the registry of named backbones, where their weights should be and what each is shown.
import { existsSync } from "node:fs";
import { Command } from "commander";
import { formatRecipe } from "#learn/runs";
import { type NamedBackbone, readRegistry } from "#learn/runs/disk";
import { print, printJson } from "./terminal.ts";

const EXAMPLES = `
Examples:
  suricate backbones
  SURICATE_WEIGHTS=/data/weights suricate backbones --json

Your own entries go into suricate-backbones.yaml in the folder where you work, or into the file that SURICATE_BACKBONES names:
  my-resnet:
    title: My ResNet
    file: weights/mine.pth          # counted from the YAML file
    part: teacher                   # a subtree of the checkpoint, or an output of an ONNX model
    input: { resize: 224, channels: 3, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }`;

/** `suricate backbones`. */
export function backbonesCommand(): Command {
  return new Command("backbones")
    .description("List the backbones that have a name: their weights, where to fetch them, and the input each is made for.")
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(({ json }: { readonly json: boolean }) => {
      const registry = [...readRegistry()];
      if (json) printJson(registry.map(([name, backbone]) => ({ name, ...summary(backbone) })));
      else print(registry.map(([name, backbone]) => paragraph(name, backbone)).join("\n"));
    });
}

function summary({ entry, path, from }: NamedBackbone) {
  return { ...entry, registry: from, ...(path === null ? {} : { path, isThere: existsSync(path) }) };
}

/** Name and title, what it is, its input, its weights. */
function paragraph(name: string, { entry, path }: NamedBackbone): string {
  const { title, about, fetch, licence, input } = entry;
  const lines = [`${name} - ${title}`, about ?? "", `input: ${formatRecipe(input)}`];
  if (path !== null) lines.push(existsSync(path) ? `weights: ${path}` : `weights: not there yet: ${path}`);
  if (path !== null && !existsSync(path) && fetch !== undefined) lines.push(`fetch: ${fetch}`);
  if (licence !== undefined) lines.push(`licence: ${licence}`);
  return `${lines.filter(Boolean).join("\n  ")}\n`;
}

// suricate export: a backbone as a file of its own, for other programs and other people, with a model card.
import { statSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { sha256OfFile, writeFileAtomically, writeSafetensors } from "#base/files/disk";
import { type ExportedFile, type ExportFormat, modelCard } from "#learn/embeddings";
import { exportedOnnx, exportedTensors, type OpenedExport, openExport } from "#learn/embeddings/native";
import { checkBackboneName } from "./embeddings.ts";
import { withOutChecked } from "./out-files.ts";
import { printJson, say } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { versions } from "./versions.ts";
import { positiveInteger } from "./whole-number.ts";

interface Flags {
  readonly out: string;
  readonly size?: number;
  readonly card?: string | false;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate export runs/first --out first.onnx
  suricate export runs/first@25 --out epoch-25.safetensors
  suricate export runs/first --out small.onnx --size 96 --card cards/small.md
  suricate export dino-resnet50 --out imagenet.onnx

An ONNX model takes grey pictures in [0, 1], any number at once, and gives "embedding"; mean and spread are inside, and its
operators are ai.onnx's alone: ONNX Runtime (Python, C++, browser), Netron and TensorRT read it. Safetensors hold PyTorch's state
dict: torchvision's names for ResNets, DINO's for transformers. Both say in their metadata what they were trained on.`;

export function exportCommand(): Command {
  return withOutChecked(new Command("export"))
    .description("Write a backbone as ONNX or safetensors, with a model card.")
    .argument("<backbone>", "RUN, RUN@EPOCH, a file of weights, or a name of the registry")
    .requiredOption("--out <file>", "file to write: .onnx or .safetensors")
    .option("--size <pixels>", "side of the pictures it is shown (default: as it was trained to)", positiveInteger)
    .option("--card <file.md>", "where the model card goes (default: beside the file, .md behind its name)")
    .option("--no-card", "write no model card")
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(exportBackbone);
}

function exportBackbone(backbone: string, { out, size, card, json }: Flags): void {
  const format = formatOf(out);
  checkBackboneName(backbone);
  const opened = openExport(backbone, { versions: versions(), inputSize: size });
  write(out, format, opened);
  const file: ExportedFile = { fileName: basename(out), format, numBytes: statSync(out).size, sha256: sha256OfFile(out) };
  const cardPath = card === false ? undefined : (card ?? `${out}.md`);
  if (cardPath !== undefined) writeFileAtomically(cardPath, new TextEncoder().encode(modelCard(opened.facts, file)));
  const { facts, weights } = opened;
  say(
    `${out}: ${facts.name}, pictures of ${facts.inputSize} x ${facts.inputSize} pixels, ${weights.arrays.size} tensors, ${file.numBytes} bytes.`,
  );
  if (cardPath !== undefined) say(`${cardPath}: its model card.`);
  if (json) printJson({ out, card: cardPath ?? null, backbone: facts.name, inputSize: facts.inputSize, ...file });
}

function formatOf(out: string): ExportFormat {
  if (out.endsWith(".onnx")) return "onnx";
  if (out.endsWith(".safetensors")) return "safetensors";
  throw new UsageError(`export --out ${out}: expected a file .onnx or .safetensors.`);
}

function write(out: string, format: ExportFormat, opened: OpenedExport): void {
  if (format === "onnx") {
    writeFileAtomically(out, exportedOnnx(opened));
    return;
  }
  const { tensors, metadata } = exportedTensors(opened);
  writeSafetensors(out, tensors, metadata);
}

// One file or folder: its report for --json and its lines for a person.
import { basename } from "node:path";
import { listTensors, type TensorListing } from "#base/files";
import { listSafetensors, openTorchCheckpoint } from "#base/files/disk";
import { checkOnnxFile } from "#engine/runtime/native";
import type { MetricRecord, RunRecord } from "#learn/runs";
import { readRun } from "#learn/runs/disk";
import type { ColumnChoice } from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { catalogueReport } from "./catalogue-report.ts";
import { type Fact, factLines } from "./fact-lines.ts";
import { fitsLines } from "./fits-lines.ts";
import { inspectCropSet } from "./inspect-crop-set.ts";
import { type FitsFlags, fitsUnits, inspectFits } from "./inspect-fits.ts";
import { inspectFolder } from "./inspect-folder.ts";
import { inspectNpy } from "./inspect-npy.ts";
import type { Inspected } from "./inspected.ts";
import { kindOf, type PathKind } from "./kind-of.ts";
import { onnxFacts, onnxReport } from "./onnx-facts.ts";

/** How one thing is looked at. */
export interface InspectFlags extends FitsFlags {
  readonly columns?: ColumnChoice;
}

/** Inspects a path. Throws the error of its reader for what cannot be read. */
export async function inspectOne(path: string, flags: InspectFlags): Promise<Inspected> {
  const inspectors: Readonly<Record<PathKind, () => Inspected | Promise<Inspected>>> = {
    "crop set": () => inspectCropSet(path),
    run: () => inspectRun(path),
    folder: () => inspectFolder(path),
    npy: () => inspectNpy(path),
    fits: () => inspectFitsFile(path, flags),
    safetensors: () => inspectSafetensors(path),
    "torch checkpoint": () => inspectTorch(path),
    onnx: () => inspectOnnx(path),
    catalogue: () => inspectCatalogue(path, flags),
  };
  return inspectors[kindOf(path)]();
}

async function inspectFitsFile(path: string, flags: InspectFlags): Promise<Inspected> {
  const { units, hasImage } = fitsUnits(path);
  if (!hasImage && units.some(({ kind }) => kind.endsWith("table"))) return inspectCatalogue(path, flags);
  const report = await inspectFits(path, units, flags);
  return { report, lines: fitsLines(report) };
}

function inspectRun(path: string): Inspected {
  const run = readRun(path);
  const last = run.metrics.at(-1);
  const { createdAt, seed, inputs, versions } = run.info;
  const report = {
    kind: "run",
    path,
    createdAt,
    seed,
    versions,
    inputs,
    config: run.info.config,
    checkpoints: run.checkpoints,
    steps: last?.step ?? 0,
    lastMetrics: last ?? null,
    seenCrops: run.seenRows.reduce((sum, { ids }) => sum + ids.length, 0),
  };
  return { report, lines: [path, ...factLines(runFacts(run))] };
}

function runFacts({ info, metrics, checkpoints, seenRows }: RunRecord): readonly Fact[] {
  const last = metrics.at(-1);
  const { step, epoch, time, ...numbers }: MetricRecord = last ?? { step: 0 };
  return [
    ["run", `begun ${info.createdAt}, seed ${info.seed}, Suricate ${info.versions["suricate"] ?? "of an unknown version"}`],
    ["from", info.inputs.map(({ name, sha256 }) => `${name} (${sha256.slice(0, 12)})`).join(", ")],
    ["seen", seenRows.map(({ cropSetName, ids }) => `${ids.length} crops of ${cropSetName}`).join(", ") || "nothing yet"],
    [
      "steps",
      [
        `${step}`,
        ...(epoch === undefined ? [] : [`the last in epoch ${epoch}, counted from 0`]),
        ...(time === undefined ? [] : [`at ${new Date(1000 * time).toISOString()}`]),
      ].join(", "),
    ],
    ...(Object.keys(numbers).length === 0 ? [] : [["last", lastNumbers(numbers)] as const]),
    ["checkpoints", checkpoints.join(", ") || "none"],
  ];
}

function lastNumbers(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(", ");
}

function inspectSafetensors(path: string): Inspected {
  const { tensors, metadata } = listSafetensors(path);
  return checkpoint("safetensors", path, tensors, metadata);
}

function inspectTorch(path: string): Inspected {
  const file = openTorchCheckpoint(path);
  const tensors = listTensors(file.content);
  file.close();
  return checkpoint("torch checkpoint", path, tensors, {});
}

function checkpoint(
  kind: string,
  path: string,
  tensors: readonly TensorListing[],
  metadata: Readonly<Record<string, string>>,
): Inspected {
  const numValues = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  const notes = Object.entries(metadata).map(
    ([name, value]) => [name, value.length > 120 ? `${value.slice(0, 120)}...` : value] as const,
  );
  return {
    report: { kind, path, numTensors: tensors.length, numValues, metadata, tensors },
    lines: [
      `${path}: ${kind} of ${tensors.length} tensors, ${numValues} numbers`,
      ...factLines(notes),
      ...factLines(tensors.map(({ name, dtype, shape }) => [name || basename(path), `${dtype} [${shape.join(", ")}]`] as const)),
    ],
  };
}

function inspectOnnx(path: string): Inspected {
  const summary = checkOnnxFile(path);
  return { report: { kind: "onnx", path, ...onnxReport(summary) }, lines: [path, ...factLines(onnxFacts(summary))] };
}

function inspectCatalogue(path: string, { columns }: InspectFlags): Inspected {
  const { report, facts } = catalogueReport(path, readCatalogue(path, columns === undefined ? {} : { columns }));
  return { report, lines: [path, ...factLines(facts), ...report.warnings.map((warning) => `  warning: ${warning}`)] };
}

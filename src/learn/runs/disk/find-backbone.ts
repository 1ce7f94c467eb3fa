// The files behind a backbone's name.
import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { ConfigError } from "#base/config";
import type { BackboneEntry } from "../backbone-registry.ts";
import { type BackboneSpec, backboneHint, formatBackboneSpec, parseBackboneSpec } from "../backbone-spec.ts";
import { parseCheckpointName } from "../checkpoint.ts";
import type { InputRecipe } from "../input-recipe.ts";
import type { RunInfo, SeenRows } from "../run-record.ts";
import { checkpointPath, listCheckpoints } from "./checkpoint-files.ts";
import { type NamedBackbone, readRegistry } from "./read-registry.ts";
import { isRunFolder, readRunInfo, readSeenRows } from "./read-run.ts";

/** A file of weights or a model. */
export interface FoundFile {
  readonly kind: "file";
  readonly name: string;
  readonly path: string;
  /** A subtree of a checkpoint, or an output of an ONNX model; null leaves the choice to the file. */
  readonly part: string | null;
  /** What the registry knows of it. */
  readonly entry?: BackboneEntry;
  /** Of a checkpoint that lies in its run: what its tensors do not tell. */
  readonly run?: { readonly info: RunInfo; readonly seenRows: readonly SeenRows[] };
}

/** What a random backbone has the shape of: a size's name, a run's settings, or the weights in a file. */
export type FoundShape = string | RunInfo | FoundFile;

/** A backbone's name and what it leads to. */
export type FoundBackbone =
  | FoundFile
  | {
      readonly kind: "run";
      readonly name: string;
      readonly info: RunInfo;
      readonly seenRows: readonly SeenRows[];
      readonly checkpointPath: string;
    }
  | { readonly kind: "random"; readonly name: string; readonly shape: FoundShape; readonly seed: number }
  | {
      readonly kind: "floor";
      readonly name: string;
      readonly floor: "mean" | "statistics" | "pixels";
      readonly input?: InputRecipe;
    };

/** Finds what `option` names. Throws ConfigError, naming it, where the run, its epoch, the file or the entry is not there. */
export function findBackbone(text: string, option = "--backbone"): FoundBackbone {
  const spec = parseBackboneSpec(text, option);
  const name = formatBackboneSpec(spec);
  if (spec.kind === "floor") return { name, ...spec };
  if (spec.kind === "random") return { kind: "random", name, seed: spec.seed, shape: findShape(spec.shape) };
  if (spec.kind === "file") {
    if (!existsSync(spec.path)) throw new ConfigError(`${option} ${text}: there is no such file.`);
    return { name, ...spec, ...runOf(spec.path) };
  }
  const registry = isRunFolder(spec.path) ? undefined : readRegistry();
  const known = registry?.get(name);
  return known ? findNamed(name, known, option) : findRun(spec, { name, option, registered: [...(registry?.keys() ?? [])] });
}

/** Files and names of the registry lead to their weights; any other text is a size's name, or none. */
function findShape(text: string): FoundShape {
  if (isRunFolder(text)) return readRunInfo(text);
  if (parseBackboneSpec(text).kind !== "file" && !readRegistry().has(text)) return text;
  const found = findBackbone(text);
  return found.kind === "file" ? found : text;
}

function findNamed(name: string, { entry, path }: NamedBackbone, option: string): FoundBackbone {
  if (entry.floor !== undefined) return { kind: "floor", name, floor: entry.floor, input: entry.input };
  if (path === null || !existsSync(path)) {
    const from = entry.fetch === undefined ? "" : ` Fetch it from ${entry.fetch}.`;
    throw new ConfigError(`${option} ${name}: expected its weights in ${path}, got no such file.${from}`);
  }
  return { kind: "file", name, path, part: entry.part ?? null, entry, ...runOf(path) };
}

/** The run of a file that is one of its checkpoints. */
function runOf(path: string): Pick<FoundFile, "run"> {
  const folder = dirname(dirname(resolve(path)));
  const isCheckpoint = parseCheckpointName(basename(path, ".safetensors")) !== undefined;
  if (!isCheckpoint || !isRunFolder(folder)) return {};
  return { run: { info: readRunInfo(folder), seenRows: readSeenRows(folder) } };
}

function findRun(
  { path, epoch }: Extract<BackboneSpec, { kind: "run" }>,
  { name, option, registered }: { readonly name: string; readonly option: string; readonly registered: readonly string[] },
): FoundBackbone {
  if (!isRunFolder(path)) {
    throw new ConfigError(`${option} ${name}: there is no run in "${path}".${backboneHint(path, registered)}`);
  }
  const names = listCheckpoints(path);
  const wanted = epoch === null ? names.at(-1) : names.find((one) => isEpochEnd(one, epoch));
  if (wanted === undefined) {
    const there = names.length === 0 ? "It has none yet" : `There are: ${names.join(", ")}`;
    throw new ConfigError(
      `${option} ${name}: expected a checkpoint ${epoch === null ? "" : `of epoch ${epoch} `}in "${path}", got none. ${there}.`,
    );
  }
  return {
    kind: "run",
    name,
    info: readRunInfo(path),
    seenRows: readSeenRows(path),
    checkpointPath: checkpointPath(path, wanted),
  };
}

function isEpochEnd(checkpoint: string, epoch: number): boolean {
  const place = parseCheckpointName(checkpoint);
  return place?.epoch === epoch && place.stepInEpoch === 0;
}

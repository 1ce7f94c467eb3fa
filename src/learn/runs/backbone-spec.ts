// What `--backbone` may say: a run, an epoch of it, a file, an untrained network, or a floor that is no network.
import { ConfigError, nameHint } from "#base/config";

/** Embeddings without a network, beside which every backbone is judged. */
export const FLOORS = ["mean", "statistics", "pixels"] as const;
export type Floor = (typeof FLOORS)[number];

/**
 * `shape` of a random backbone is a size's name ("vit-ti8") or the path of a run whose shape it takes. `part` of a file is what
 * stands behind "#": a subtree of a checkpoint ("teacher"), or an output of an ONNX model. A name in the registry has no kind of
 * its own: it looks like a run's path until a folder or an entry is looked for.
 */
export type BackboneSpec =
  | { readonly kind: "run"; readonly path: string; readonly epoch: number | null }
  | { readonly kind: "file"; readonly path: string; readonly part: string | null }
  | { readonly kind: "random"; readonly shape: string; readonly seed: number }
  | { readonly kind: "floor"; readonly floor: Floor };

/** Reads `--backbone`'s text. Throws ConfigError for text that names none of the kinds. */
export function parseBackboneSpec(text: string, option = "--backbone"): BackboneSpec {
  const floor = FLOORS.find((name) => name === text);
  if (floor !== undefined) return { kind: "floor", floor };
  if (text === "random" || text.startsWith("random:")) return parseRandom(text, option);
  const [, file, part] = BACKBONE_FILE.exec(text) ?? [];
  if (file !== undefined) return { kind: "file", path: file, part: part ?? null };
  if (text === "") {
    throw new ConfigError(
      `${option}: expected a run folder, RUN@EPOCH, a file (.safetensors, .pth, .pt, .ckpt, .onnx), a name of the registry, random:SHAPE[:SEED], ${FLOORS.join(", ")}, got nothing.`,
    );
  }
  const [, path, epoch] = /^(.+)@(\d+)$/.exec(text) ?? [];
  if (path !== undefined) return { kind: "run", path, epoch: Number(epoch) };
  return { kind: "run", path: text, epoch: null };
}

/** A file of weights or a model, and what of it. MoCo's checkpoints end in ".pth.tar". */
const BACKBONE_FILE = /^(.+\.(?:safetensors|pth|pt|ckpt|pth\.tar|onnx))(?:#(.+))?$/;

function parseRandom(text: string, option: string): BackboneSpec {
  const [, shape, seed] = /^random:(.+?)(?::(\d+))?$/.exec(text) ?? [];
  if (shape === undefined) {
    throw new ConfigError(
      `${option} ${text}: expected random:SHAPE or random:SHAPE:SEED, got "${text}". Write for example random:vit-ti8.`,
    );
  }
  return { kind: "random", shape, seed: Number(seed ?? 0) };
}

/** The text that `parseBackboneSpec` reads back. It names the backbone in tables and results. */
export function formatBackboneSpec(spec: BackboneSpec): string {
  if (spec.kind === "floor") return spec.floor;
  if (spec.kind === "file") return spec.part === null ? spec.path : `${spec.path}#${spec.part}`;
  if (spec.kind === "random") return `random:${spec.shape}:${spec.seed}`;
  return spec.epoch === null ? spec.path : `${spec.path}@${spec.epoch}`;
}

/** A hint where a path that is not there looks like a mistyped word: " Did you mean "statistics"?". `names` are the registry's. */
export function backboneHint(path: string, names: readonly string[]): string {
  const hint = nameHint(path, [...FLOORS, ...names]);
  return hint.startsWith(" Did") ? hint : "";
}

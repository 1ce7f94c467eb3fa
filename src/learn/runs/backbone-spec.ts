// What `--backbone` may say: a run, an epoch of it, a file of weights, an untrained network, or a floor that is no network.
import { ConfigError, nameHint } from "#base/config";

/** Embeddings without a network, beside which every backbone is judged. */
export const FLOORS = ["mean", "statistics", "pixels"] as const;
export type Floor = (typeof FLOORS)[number];

/** `shape` of a random backbone is a size's name ("vit-ti8") or the path of a run whose shape it takes. */
export type BackboneSpec =
  | { readonly kind: "run"; readonly path: string; readonly epoch: number | null }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "random"; readonly shape: string; readonly seed: number }
  | { readonly kind: "floor"; readonly floor: Floor };

/** Reads `--backbone`'s text. Throws ConfigError for text that names none of the kinds. */
export function parseBackboneSpec(text: string): BackboneSpec {
  const floor = FLOORS.find((name) => name === text);
  if (floor !== undefined) return { kind: "floor", floor };
  if (text === "random" || text.startsWith("random:")) return parseRandom(text);
  if (text.endsWith(".safetensors")) return { kind: "file", path: text };
  if (text === "" || /\.(pth|pt|ckpt|onnx)$/.test(text)) {
    throw new ConfigError(
      `--backbone ${text}: expected a run folder, RUN@EPOCH, a .safetensors file, random:SHAPE[:SEED], ${FLOORS.join(", ")}, got "${text}".`,
    );
  }
  const [, path, epoch] = /^(.+)@(\d+)$/.exec(text) ?? [];
  if (path !== undefined) return { kind: "run", path, epoch: Number(epoch) };
  return { kind: "run", path: text, epoch: null };
}

function parseRandom(text: string): BackboneSpec {
  const [, shape, seed] = /^random:(.+?)(?::(\d+))?$/.exec(text) ?? [];
  if (shape === undefined) {
    throw new ConfigError(
      `--backbone ${text}: expected random:SHAPE or random:SHAPE:SEED, got "${text}". Write for example random:vit-ti8.`,
    );
  }
  return { kind: "random", shape, seed: Number(seed ?? 0) };
}

/** The text that `parseBackboneSpec` reads back. It names the backbone in tables and results. */
export function formatBackboneSpec(spec: BackboneSpec): string {
  if (spec.kind === "floor") return spec.floor;
  if (spec.kind === "file") return spec.path;
  if (spec.kind === "random") return `random:${spec.shape}:${spec.seed}`;
  return spec.epoch === null ? spec.path : `${spec.path}@${spec.epoch}`;
}

/** A hint where a path that is not there looks like a mistyped word: " Did you mean "statistics"?". */
export function backboneHint(path: string): string {
  const hint = nameHint(path, FLOORS);
  return hint.startsWith(" Did") ? hint : "";
}

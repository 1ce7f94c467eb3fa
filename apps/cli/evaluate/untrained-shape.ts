// The shape of the untrained floor beside a backbone: the backbone's own, where its name leads to it.
import { ConfigError } from "#base/config";
import { type FoundBackbone, findBackbone } from "#learn/runs/disk";

/** What `random:SHAPE` takes; "none" for what is no trained network, "unknown" where nothing tells the shape. */
export type UntrainedShape = { readonly shape: string } | "none" | "unknown";

/** Goes by a table's backbone, whose name may be of a run or file that is not here. */
export function untrainedShape(backbone: string): UntrainedShape {
  const name = backbone.replace(/ \(int8\)$/, "");
  const found = foundBackbone(name);
  if (found === undefined) return "unknown";
  if (found.kind === "floor" || found.kind === "random") return "none";
  if (found.kind === "run") return { shape: name.replace(/@\d+$/, "") };
  // An ONNX model's operators tell no shape that weights could be drawn for.
  return found.path.endsWith(".onnx") ? "unknown" : { shape: name };
}

function foundBackbone(name: string): FoundBackbone | undefined {
  try {
    return findBackbone(name);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

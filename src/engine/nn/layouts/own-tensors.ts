// A network's tensors out of a checkpoint, under this program's names and in its layouts.
import { type NdArray, ndArray } from "#base/array";
import { asFloat32 } from "./float-values.ts";
import type { FoundNetwork } from "./networks.ts";
import { ownName } from "./own-name.ts";

/** A tensor that is read when it is asked for: a checkpoint holds more than a backbone. */
export interface StoredTensor {
  /** The file's own word for the element type. */
  readonly type: string;
  readonly shape: readonly number[];
  read(): NdArray;
}

/** Weights by this program's names. */
export interface OwnTensors {
  readonly arrays: ReadonlyMap<string, NdArray<"float32">>;
  /** What could not be taken over, a phrase each: `"conv1.weight": expected numbers with a fraction, got int64`. */
  readonly faults: readonly string[];
}

/** Reads and renames everything under a network's prefix but what is no part of a backbone. */
export function ownTensors({ prefix, layout }: FoundNetwork, stored: ReadonlyMap<string, StoredTensor>): OwnTensors {
  const arrays = new Map<string, NdArray<"float32">>();
  const faults: string[] = [];
  for (const [fullName, tensor] of stored) {
    const name = fullName.startsWith(prefix) ? ownName(layout, fullName.slice(prefix.length)) : undefined;
    if (name === undefined) continue;
    const array = asFloat32(tensor.read());
    if (!array) faults.push(`"${fullName}": expected numbers with a fraction, got ${tensor.type}`);
    else if (arrays.has(name)) faults.push(`"${fullName}": expected one tensor for "${name}", got two`);
    else arrays.set(name, array);
  }
  const isVit = layout === "vit" || layout === "torchvision-vit";
  return { arrays: isVit ? withGateNames(withClassPosition(withFusedQkv(arrays))) : arrays, faults };
}

type Arrays = ReadonlyMap<string, NdArray<"float32">>;

/** Queries, keys and values kept apart become one layer "qkv", in this order. */
function withFusedQkv(arrays: Arrays): Arrays {
  const fused = new Map<string, NdArray<"float32">>();
  for (const [name, array] of arrays) {
    const [, layer, part, kind] = /^(.*\.attn)\.([qkv])\.(weight|bias)$/.exec(name) ?? [];
    const parts = ["q", "k", "v"].map((letter) => arrays.get(`${layer}.${letter}.${kind}`));
    if (layer === undefined || !parts.every((one) => one !== undefined)) fused.set(name, array);
    else if (part === "q") fused.set(`${layer}.qkv.${kind}`, joinedRows(parts));
  }
  return fused;
}

function joinedRows(parts: readonly NdArray<"float32">[]): NdArray<"float32"> {
  const numRows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let start = 0;
  for (const part of parts) {
    data.set(part.data, start);
    start += part.data.length;
  }
  return ndArray("float32", [numRows, ...parts[0]!.shape.slice(1)], data); // three parts were asked for
}

/** timm's networks with registers have no position for the class token: zeros, which change nothing. */
function withClassPosition(arrays: Arrays): Arrays {
  const positions = arrays.get("pos_embed");
  const [, numPositions = 0, dim = 0] = positions?.shape ?? [];
  if (!positions || !isSquare(numPositions) || isSquare(numPositions - 1)) return arrays;
  const data = new Float32Array((1 + numPositions) * dim);
  data.set(positions.data, dim);
  return new Map(arrays).set("pos_embed", ndArray("float32", [1, 1 + numPositions, dim], data));
}

function isSquare(value: number): boolean {
  return value > 0 && Number.isInteger(Math.sqrt(value));
}

/** timm's gated layer bears the names of a plain one; it shows in the second being half as wide as the first gives out. */
function withGateNames(arrays: Arrays): Arrays {
  const [first, second] = [arrays.get("blocks.0.mlp.fc1.weight"), arrays.get("blocks.0.mlp.fc2.weight")];
  if (!first || !second || first.shape[0] !== 2 * (second.shape[1] ?? 0)) return arrays;
  const gateName = (name: string) => name.replace(/\.mlp\.fc1\./, ".mlp.w12.").replace(/\.mlp\.fc2\./, ".mlp.w3.");
  return new Map([...arrays].map(([name, array]) => [gateName(name), array]));
}

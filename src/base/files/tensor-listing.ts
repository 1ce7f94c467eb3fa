// The tensors of a checkpoint by name, type and shape, without reading their elements.
import { isArray, isDictionary, type PickleValue } from "./pickle/pickle-value.ts";
import { isTorchTensor } from "./pickle/torch-globals.ts";

/** One tensor; `name` is its path through dictionaries and lists, joined by dots. */
export interface TensorListing {
  readonly name: string;
  /** The file's own word: "float32", "bfloat16". */
  readonly dtype: string;
  readonly shape: readonly number[];
}

const DEEPEST = 32;

/** All tensors and arrays in a pickle's content, in its order. What holds itself is followed no deeper than 32 levels. */
export function listTensors(content: PickleValue, path: readonly string[] = []): readonly TensorListing[] {
  if (isTorchTensor(content)) return [{ name: path.join("."), dtype: content.storedType, shape: content.shape }];
  if (isArray(content)) return [{ name: path.join("."), dtype: content.dtype, shape: content.shape }];
  if (path.length >= DEEPEST) return [];
  if (isDictionary(content)) return [...content].flatMap(([key, value]) => listTensors(value, [...path, String(key)]));
  if (Array.isArray(content)) return content.flatMap((value, index) => listTensors(value, [...path, String(index)]));
  return [];
}

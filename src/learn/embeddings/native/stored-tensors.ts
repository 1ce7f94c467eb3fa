// The tensors of a file of weights, by their full names, each read when it is asked for.
import { isDictionary, isTorchTensor, type PickleValue } from "#base/files";
import { listSafetensors, openTorchCheckpoint, readSafetensors, type TorchCheckpoint } from "#base/files/disk";
import type { StoredTensor } from "#engine/nn";

export interface StoredTensors {
  /** A dictionary inside a dictionary is a part of the name: "teacher.module.backbone.cls_token". */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Notes of a safetensors file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Looks through a safetensors file or a torch checkpoint while `use` does. Throws FileError and FileFormatError. */
export function withStoredTensors<T>(path: string, use: (stored: StoredTensors) => T): T {
  if (path.endsWith(".safetensors")) {
    const { tensors, metadata } = readSafetensors(path);
    const stored = [...tensors].map(
      ([name, array]) => [name, { type: array.dtype, shape: array.shape, read: () => array }] as const,
    );
    return use({ tensors: new Map(stored), metadata });
  }
  const checkpoint = openTorchCheckpoint(path);
  try {
    return use({ tensors: namedTensors(checkpoint), metadata: {} });
  } finally {
    checkpoint.close();
  }
}

/** The names and notes alone, without reading an element. Throws as `withStoredTensors`. */
export function listStoredTensors(path: string): { readonly names: Iterable<string> } & Pick<StoredTensors, "metadata"> {
  if (!path.endsWith(".safetensors"))
    return withStoredTensors(path, ({ tensors, metadata }) => ({ names: [...tensors.keys()], metadata }));
  const { tensors, metadata } = listSafetensors(path);
  return { names: tensors.map(({ name }) => name), metadata };
}

/** Every tensor in the dictionaries of a checkpoint. A dictionary that is met twice counts once: it may hold itself. */
function namedTensors(checkpoint: TorchCheckpoint): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  const met = new Set<PickleValue>();
  const queue: { readonly prefix: string; readonly value: PickleValue }[] = [{ prefix: "", value: checkpoint.content }];
  for (const { prefix, value } of queue) {
    if (!isDictionary(value) || met.has(value)) continue;
    met.add(value);
    for (const [key, item] of value) {
      const name = `${prefix}${String(key)}`;
      if (isTorchTensor(item)) tensors.set(name, { type: item.storedType, shape: item.shape, read: () => checkpoint.read(item) });
      else queue.push({ prefix: `${name}.`, value: item });
    }
  }
  return tensors;
}

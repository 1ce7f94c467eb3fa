// torch's names in a pickle: storages, tensors over them, parameters. Their bytes lie elsewhere and are read when asked for.
import { BYTES_PER_ELEMENT, type DType, type NdArray, sizeOf, typedData } from "#base/array";
import { FileFormatError } from "../file-format-error.ts";
import { type GlobalRules, type PickleObject, type PickleValue, wholeNumbers } from "./pickle-value.ts";

/** A torch element type: as which one it is read, and its bytes in the file. */
interface TorchType {
  readonly name: string;
  /** bfloat16 is widened to float32, which holds its every value. */
  readonly dtype: DType;
  readonly fileBytes: number;
}

/** A storage: one stretch of elements of one type, which several tensors may share. */
export interface TorchStorage extends PickleObject {
  readonly kind: "torch storage";
  readonly key: string;
  readonly type: TorchType;
  readonly numElements: number;
}

/** A tensor of a checkpoint, not read yet. `storedType` is torch's own word: "float32", "bfloat16". */
export interface TorchTensor extends PickleObject {
  readonly kind: "torch tensor";
  readonly storedType: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** In elements, from the start of the storage. */
  readonly offset: number;
  readonly storage: TorchStorage;
}

const type = (name: string, dtype: DType, fileBytes = BYTES_PER_ELEMENT[dtype]): TorchType => ({ name, dtype, fileBytes });

/** By the class of storage that a file names. */
const TYPES: Readonly<Record<string, TorchType>> = {
  FloatStorage: type("float32", "float32"),
  DoubleStorage: type("float64", "float64"),
  HalfStorage: type("float16", "float16"),
  BFloat16Storage: type("bfloat16", "float32", 2),
  LongStorage: type("int64", "int64"),
  IntStorage: type("int32", "int32"),
  ShortStorage: type("int16", "int16"),
  CharStorage: type("int8", "int8"),
  ByteStorage: type("uint8", "uint8"),
  BoolStorage: type("bool", "bool"),
};

/** The class of a storage as a pickle hands it to a persistent id. */
interface StorageClass extends PickleObject {
  readonly kind: "torch storage class";
  readonly type: TorchType;
}

function isOfKind<T extends PickleObject>(value: PickleValue | undefined, kind: T["kind"]): value is T {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

export const isTorchTensor = (value: PickleValue | undefined): value is TorchTensor =>
  isOfKind<TorchTensor>(value, "torch tensor");

/** A tensor is a window of its storage: every element of it must lie inside. */
function rebuiltTensor(args: readonly PickleValue[]): TorchTensor {
  const [storage, offset, size, stride] = args;
  const [shape, strides] = [wholeNumbers(size), wholeNumbers(stride)];
  if (
    !isOfKind<TorchStorage>(storage, "torch storage") ||
    !Number.isSafeInteger(offset) ||
    !shape ||
    strides?.length !== shape.length
  ) {
    throw new FileFormatError("expected a storage, an offset, a shape and as many strides.");
  }
  const start = Number(offset);
  const isEmpty = shape.includes(0);
  const last = start + shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, 0);
  const isNegative = start < 0 || [...shape, ...strides].some((value) => value < 0);
  if (isNegative || (!isEmpty && last >= storage.numElements)) {
    throw new FileFormatError(
      `expected a tensor inside its storage of ${storage.numElements} elements, got shape [${shape}] with strides [${strides}] from ${start}.`,
    );
  }
  // An expanded tensor repeats its elements. Small ones are written out; a large one would be a file of nothing that fills the memory.
  if (sizeOf(shape) > Math.max(storage.numElements, MOST_REPEATED_ELEMENTS)) {
    throw new FileFormatError(`expected at most ${storage.numElements} elements, as the storage has, got shape [${shape}].`);
  }
  const { name, dtype } = storage.type;
  return { kind: "torch tensor", storedType: name, dtype, shape, strides, offset: start, storage };
}

const MOST_REPEATED_ELEMENTS = 1 << 16;

const storageClasses: GlobalRules = Object.fromEntries(
  Object.entries(TYPES).map(([name, storedType]) => [
    `torch ${name}`,
    { value: { kind: "torch storage class", type: storedType } },
  ]),
);

export const TORCH_GLOBALS: GlobalRules = {
  ...storageClasses,
  "torch._utils _rebuild_tensor_v2": { call: rebuiltTensor },
  "torch._utils _rebuild_tensor": { call: rebuiltTensor },
  "torch._utils _rebuild_parameter": { call: ([data = null]) => data },
  "torch Size": { call: ([sizes = null]) => sizes },
};

/**
 * What a persistent id stands for: ("storage", class, key, place, number of elements) and, in old files, a view of it,
 * (key, offset, number of elements), which is read as the whole: its tensors bring their own offsets.
 */
export function storageOf(id: PickleValue): TorchStorage {
  const [word, storageClass, key, , numElements] = Array.isArray(id) ? id : [];
  if (word !== "storage" || !isOfKind<StorageClass>(storageClass, "torch storage class") || typeof key !== "string") {
    throw new FileFormatError("expected a torch storage.");
  }
  if (!Number.isSafeInteger(numElements) || Number(numElements) < 0) throw new FileFormatError("expected a number of elements.");
  if (Array.isArray(id) && id[5] !== undefined && id[5] !== null)
    throw new FileFormatError("expected a whole storage, got a view.");
  return { kind: "torch storage", key, type: storageClass.type, numElements: Number(numElements) };
}

/** The elements of a tensor, row-major, out of the little-endian bytes of its whole storage. */
export function tensorFromStorage(tensor: TorchTensor, bytes: Uint8Array): NdArray {
  const { dtype, shape } = tensor;
  const elements = storedElements(tensor.storage, bytes);
  const data = typedData(dtype, new ArrayBuffer(sizeOf(shape) * BYTES_PER_ELEMENT[dtype]), 0, sizeOf(shape));
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  let source = tensor.offset;
  for (let target = 0; target < data.length; target++) {
    data[target] = elements[source]!; // inside: `rebuiltTensor` saw to it. Both hold one type of element
    for (let axis = rank - 1; axis >= 0; axis--) {
      source += tensor.strides[axis]!;
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      source -= tensor.strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { dtype, shape, data };
}

function storedElements({ type: { name, dtype }, numElements }: TorchStorage, bytes: Uint8Array): NdArray["data"] {
  const own = Uint8Array.from(bytes).buffer;
  if (name !== "bfloat16") return typedData(dtype, own, 0, numElements);
  // A bfloat16 is the upper half of a float32.
  const wide = Uint32Array.from(new Uint16Array(own, 0, numElements), (bits) => bits << 16);
  return new Float32Array(wide.buffer);
}

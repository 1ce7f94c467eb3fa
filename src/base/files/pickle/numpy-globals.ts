// numpy's names in a pickle: arrays and scalars of plain element types, in memory of their own.
import { BYTES_PER_ELEMENT, type DType, type NdArray, sizeOf, typedData } from "#base/array";
import { FileFormatError } from "../file-format-error.ts";
import { type GlobalRules, type PickleObject, type PickleValue, wholeNumbers } from "./pickle-value.ts";

interface NumpyType extends PickleObject {
  readonly kind: "numpy dtype";
  /** "u1", "f4", ... */
  readonly code: string;
  /** "<", ">", "|" or "=". */
  order: string;
}

/** An array that BUILD is still to fill. */
type Unfilled = { dtype: DType; shape: readonly number[]; data: NdArray["data"] };

const DTYPES: Readonly<Record<string, DType>> = {
  ...{ u1: "uint8", i1: "int8", b1: "bool", u2: "uint16", i2: "int16", i4: "int32", i8: "int64" },
  ...{ f2: "float16", f4: "float32", f8: "float64" },
};

function isNumpyType(value: PickleValue | undefined): value is NumpyType {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "numpy dtype";
}

function dtypeOf({ code, order }: NumpyType): DType {
  const dtype = Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
  if (!dtype) throw new FileFormatError(`expected an element type among ${Object.keys(DTYPES).join(", ")}, got ${code}.`);
  if (order === ">" && BYTES_PER_ELEMENT[dtype] > 1)
    throw new FileFormatError("expected little-endian elements, got big-endian.");
  return dtype;
}

function typed(dtype: DType, bytes: Uint8Array, length: number): NdArray["data"] {
  const expected = length * BYTES_PER_ELEMENT[dtype];
  if (bytes.length !== expected) throw new FileFormatError(`expected ${expected} bytes of ${dtype}, got ${bytes.length}.`);
  return typedData(dtype, Uint8Array.from(bytes).buffer, 0, length);
}

/** The state of an array: (version, shape, dtype, is it column-major, bytes). */
function fill(object: PickleValue, state: PickleValue): void {
  const [, shapeValue, dtypeValue, isColumnMajor, content] = Array.isArray(state) ? state : [];
  const shape = wholeNumbers(shapeValue);
  if (!shape || shape.some((size) => size < 0) || !isNumpyType(dtypeValue) || !(content instanceof Uint8Array)) {
    throw new FileFormatError("expected an array of shape, element type and bytes.");
  }
  const array = object as Unfilled; // `_reconstruct` made it
  const dtype = dtypeOf(dtypeValue);
  const isTurned = isColumnMajor === true && shape.length > 1;
  if (isTurned) throw new FileFormatError("expected a row-major array, got a column-major one.");
  array.data = typed(dtype, content, sizeOf(shape));
  array.dtype = dtype;
  array.shape = shape;
}

function scalarOf(args: readonly PickleValue[]): PickleValue {
  const [type, content] = args;
  if (!isNumpyType(type) || !(content instanceof Uint8Array)) throw new FileFormatError("expected an element type and bytes.");
  if (/^U\d+$/.test(type.code)) return wideText(content);
  return typed(dtypeOf(type), content, 1)[0] ?? null;
}

/** Four bytes a letter, filled up with zeros. */
function wideText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const letters = Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => view.getUint32(4 * index, true));
  if (letters.some((letter) => letter > 0x10ffff)) throw new FileFormatError("expected letters of four bytes.");
  return String.fromCodePoint(...letters).replace(/\0+$/, "");
}

const reconstruct = {
  call: (): Unfilled => ({ dtype: "uint8", shape: [0], data: new Uint8Array() }),
  build: fill,
};

const typeRule = {
  call: ([code]: readonly PickleValue[]): NumpyType => {
    if (typeof code !== "string") throw new FileFormatError("expected the code of an element type.");
    return { kind: "numpy dtype", code: code.replace(/^[<>|=]/, ""), order: "<" };
  },
  build: (object: PickleValue, state: PickleValue) => {
    const order = Array.isArray(state) ? state[1] : undefined;
    if (isNumpyType(object) && typeof order === "string") object.order = order;
  },
};

export const NUMPY_GLOBALS: GlobalRules = {
  "numpy.core.multiarray _reconstruct": reconstruct,
  "numpy._core.multiarray _reconstruct": reconstruct,
  "numpy.core.multiarray scalar": { call: scalarOf },
  "numpy._core.multiarray scalar": { call: scalarOf },
  // Only ever an argument of `_reconstruct`.
  "numpy ndarray": {},
  "numpy dtype": typeRule,
};

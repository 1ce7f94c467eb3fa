// NumPy's .npy format, version 1.0 (numpy.lib.format): one array after a line of text that describes it.
import { BYTES_PER_ELEMENT, bytesOf, type DType, type NdArray, sizeOf, typedData } from "#base/array";
import { FileFormatError } from "./file-format-error.ts";

/** What an .npy header says. The elements start at byte `dataOffset`, row-major. */
export interface NpyHeader {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

const MAGIC = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

const DESCRIPTIONS: Readonly<Record<DType, string>> = {
  float32: "<f4",
  float64: "<f8",
  float16: "<f2",
  int64: "<i8",
  int32: "<i4",
  int16: "<i2",
  uint16: "<u2",
  int8: "|i1",
  uint8: "|u1",
  bool: "|b1",
};

/** Header bytes of an array. Their number depends on the rank alone (128 up to rank 4), so a shape can be filled in later. */
export function formatNpyHeader(dtype: DType, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${DESCRIPTIONS[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Room for 17 characters a size; the format asks for a multiple of 64.
  const length = Math.ceil((10 + 60 + 17 * Math.max(shape.length, 3)) / 64) * 64;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set(MAGIC);
  bytes.set([1, 0, (length - 10) & 0xff, (length - 10) >> 8], MAGIC.length);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[length - 1] = 0x0a;
  return bytes;
}

/** Reads the header at the start of `bytes`. Throws FileFormatError, naming `where`, for anything but a row-major little-endian array. */
export function parseNpyHeader(bytes: Uint8Array, where = "npy"): NpyHeader {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new FileFormatError(`${where}: not an .npy file: expected it to start with "\\x93NUMPY".`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) throw new FileFormatError(`${where}: the .npy header is cut short: got ${bytes.length} bytes.`);
  const isVersion1 = bytes[6] === 1;
  const start = isVersion1 ? 10 : 12;
  const dataOffset = start + (isVersion1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataOffset > bytes.length) {
    throw new FileFormatError(`${where}: the .npy header is cut short: expected ${dataOffset} bytes, got ${bytes.length}.`);
  }
  return { ...parseDescription(new TextDecoder().decode(bytes.subarray(start, dataOffset)), where), dataOffset };
}

function parseDescription(text: string, where: string): { readonly dtype: DType; readonly shape: readonly number[] } {
  const description = /'descr'\s*:\s*'([^']+)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (description === undefined || order === undefined || sizes === undefined) {
    throw new FileFormatError(`${where}: the .npy header is not understood: ${text.trim().slice(0, 120)}`);
  }
  const dtype = (Object.keys(DESCRIPTIONS) as DType[]).find((name) => DESCRIPTIONS[name] === description.replace("=", "<"));
  if (dtype === undefined) {
    throw new FileFormatError(
      `${where}: element type: expected one of ${Object.values(DESCRIPTIONS).join(" ")}, got ${description}.`,
    );
  }
  if (order === "True")
    throw new FileFormatError(`${where}: expected row-major order, got column-major. Save numpy.ascontiguousarray(array).`);
  return {
    dtype,
    shape: sizes
      .split(",")
      .filter((size) => size.trim() !== "")
      .map(Number),
  };
}

/** The bytes of an .npy file. */
export function formatNpy(array: NdArray): Uint8Array {
  const header = formatNpyHeader(array.dtype, array.shape);
  const bytes = new Uint8Array(header.length + array.data.byteLength);
  bytes.set(header);
  bytes.set(bytesOf(array), header.length);
  return bytes;
}

/** The array of an .npy file, in memory of its own. Throws FileFormatError where bytes and header disagree. */
export function parseNpy(bytes: Uint8Array, where = "npy"): NdArray {
  const { dtype, shape, dataOffset } = parseNpyHeader(bytes, where);
  checkNpySize({ dtype, shape, dataOffset }, bytes.length, where);
  const data = new Uint8Array(bytes.subarray(dataOffset));
  return { dtype, shape, data: typedData(dtype, data.buffer, 0, sizeOf(shape)) };
}

/** Throws FileFormatError unless a file of `numBytes` holds exactly the array of its header. */
export function checkNpySize({ dtype, shape, dataOffset }: NpyHeader, numBytes: number, where: string): void {
  const expected = dataOffset + sizeOf(shape) * BYTES_PER_ELEMENT[dtype];
  if (numBytes !== expected) {
    throw new FileFormatError(`${where}: expected ${expected} bytes for ${dtype} [${shape.join(", ")}], got ${numBytes}.`);
  }
}

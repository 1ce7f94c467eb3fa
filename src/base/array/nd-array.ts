// N-d arrays on the host: the one form in which numbers pass from room to room.

/** Element types, by their ONNX names. `bool` is one byte an element, 0 or 1; `float16` holds its raw bits. */
export type DType = "float32" | "float64" | "float16" | "int64" | "int32" | "int16" | "uint16" | "int8" | "uint8" | "bool";

interface DataOf {
  float32: Float32Array;
  float64: Float64Array;
  float16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** The typed array that holds elements of a type. */
export type TypedData<D extends DType = DType> = DataOf[D];

/** An array in row-major order: `data` has as many elements as the product of `shape` (1 for a scalar, shape []). */
export interface NdArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: TypedData<D>;
}

const CONSTRUCTORS: { readonly [D in DType]: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedData<D> } =
  {
    float32: Float32Array,
    float64: Float64Array,
    float16: Uint16Array,
    int64: BigInt64Array,
    int32: Int32Array,
    int16: Int16Array,
    uint16: Uint16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    bool: Uint8Array,
  };

/** Bytes of one element of each type. */
export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  uint16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** How many elements an array of this shape has (1 for a scalar). */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** An array over `data`. Throws RangeError where its length is not the product of `shape`. */
export function ndArray<D extends DType>(dtype: D, shape: readonly number[], data: TypedData<D>): NdArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw new RangeError(`array: expected ${sizeOf(shape)} elements for shape [${shape}], got ${data.length}.`);
  }
  return { dtype, shape, data };
}

/** An array of zeros. */
export function zeros<D extends DType>(dtype: D, shape: readonly number[]): NdArray<D> {
  const length = sizeOf(shape);
  return { dtype, shape, data: typedData(dtype, new ArrayBuffer(length * BYTES_PER_ELEMENT[dtype]), 0, length) };
}

/** A typed view of `length` elements of a buffer. `byteOffset` must be a multiple of the element's size. */
export function typedData<D extends DType>(dtype: D, buffer: ArrayBufferLike, byteOffset: number, length: number): TypedData<D> {
  return new CONSTRUCTORS[dtype](buffer, byteOffset, length);
}

/** A float32 array from numbers. */
export function float32(shape: readonly number[], values: ArrayLike<number>): NdArray<"float32"> {
  return ndArray("float32", shape, Float32Array.from(values));
}

/** An int64 array (ONNX's type for shapes and axes) from numbers. */
export function int64(shape: readonly number[], values: readonly number[]): NdArray<"int64"> {
  return ndArray("int64", shape, BigInt64Array.from(values, BigInt));
}

/** The raw bytes of an array, without a copy. Little-endian on every machine that Node and browsers run on. */
export function bytesOf(array: NdArray): Uint8Array {
  return new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
}

// Element types as ONNX numbers them, and the groups that operators accept.
import type { DType } from "#base/array";

/** TensorProto.DataType of each element type (onnx.proto). */
export const ONNX_ELEMENT_TYPE: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

/** The element type that ONNX numbers `code`; `undefined` where this project has none. */
export function elementTypeOf(code: number): DType | undefined {
  return (Object.keys(ONNX_ELEMENT_TYPE) as DType[]).find((dtype) => ONNX_ELEMENT_TYPE[dtype] === code); // keys of a Record<DType, ...>
}

/** Types that hold fractions. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64" || dtype === "float16";
}

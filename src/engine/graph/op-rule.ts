// What the graph must know of an operator: where ONNX defines it, its output shapes, and its value in float64.
import type { DType, NdArray } from "#base/array";
import type { OpAttributes, OpName } from "./op-attributes.ts";

/** The ai.onnx operator set in which every rule is written: the last where ReduceMean and its cousins take axes as an attribute. */
export const OPSET = 17;

/** An operand while building. `constant` is there where its value is already known (a shape, a list of axes). */
export interface OpInput {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly constant?: NdArray;
}

export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** A value of the float64 evaluator. Whole numbers and booleans (0, 1) are held as doubles too. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export type AttributeKind = "int" | "ints" | "float" | "string";

/** Everything about one operator but its gradient. Errors thrown by `outputTypes` are ShapeErrors without a place; the graph adds it. */
export interface OpRule<Op extends OpName> {
  /** ONNX operator set: "" is ai.onnx. */
  readonly domain: "" | "com.microsoft";
  /** In the order in which they are printed and written. */
  readonly attributes: { readonly [K in keyof OpAttributes[Op]]: AttributeKind };
  outputTypes(inputs: readonly OpInput[], attributes: OpAttributes[Op]): readonly TensorType[];
  evaluate(inputs: readonly HostTensor[], attributes: OpAttributes[Op], outputs: readonly TensorType[]): readonly HostTensor[];
}

/** The rules of one family of operators. */
export type RulesOf<Family extends OpName> = { readonly [Op in Family]: OpRule<Op> };

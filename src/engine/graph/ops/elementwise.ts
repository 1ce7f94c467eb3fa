// Operators element by element. Two operands broadcast as in numpy; a number becomes a constant.
import type { DType } from "#base/array";
import { ONNX_ELEMENT_TYPE } from "../element-type.ts";
import { graphOf } from "../graph.ts";
import { ShapeError } from "../shape-error.ts";
import type { Tensor } from "../tensor.ts";
import { addOne, type Operand, scalar, tensorsOf } from "./add-node.ts";

type UnaryOp =
  | ("Neg" | "Abs" | "Sqrt" | "Reciprocal" | "Exp" | "Log" | "Erf" | "Tanh")
  | ("Sigmoid" | "Relu" | "Gelu" | "Identity" | "Not" | "IsNaN");
type BinaryOp = "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Max" | "Min" | "Equal" | "Less" | "Greater" | "And";

/** The shape stays, so the names of the axes do too. */
function unary(op: UnaryOp) {
  return <Axes extends string>(x: Tensor<Axes>): Tensor<Axes> => addOne(op, [x], {}) as Tensor<Axes>;
}

function binary(op: BinaryOp) {
  return (a: Operand, b: Operand): Tensor => addOne(op, tensorsOf(op, [a, b]), {});
}

export const add = binary("Add");
export const sub = binary("Sub");
export const mul = binary("Mul");
export const div = binary("Div");
/** a to the power b. */
export const pow = binary("Pow");
export const maximum = binary("Max");
export const minimum = binary("Min");
export const neg = unary("Neg");
export const abs = unary("Abs");
export const sqrt = unary("Sqrt");
export const reciprocal = unary("Reciprocal");
export const exp = unary("Exp");
/** Natural logarithm. */
export const log = unary("Log");
export const erf = unary("Erf");
export const tanh = unary("Tanh");
export const sigmoid = unary("Sigmoid");
/** alpha x + beta, cut to 0 and 1. */
export function hardSigmoid<Axes extends string>(
  x: Tensor<Axes>,
  { alpha, beta }: { readonly alpha: number; readonly beta: number },
): Tensor<Axes> {
  return addOne("HardSigmoid", [x], { alpha, beta }) as Tensor<Axes>; // the shape stays
}

export const relu = unary("Relu");
/** x Phi(x), exact (Hendrycks and Gimpel 2016). */
export const gelu = unary("Gelu");
export const identity = unary("Identity");
/** Boolean result, as `less` and `greater`. */
export const equal = binary("Equal");
export const less = binary("Less");
export const greater = binary("Greater");
export const not = unary("Not");
export const and = binary("And");
export const isNan = unary("IsNaN");

/** `x` in another element type. To whole numbers it cuts towards zero; to bool all but 0 is true. */
export function cast<Axes extends string>(x: Tensor<Axes>, dtype: DType): Tensor<Axes> {
  return addOne("Cast", [x], { to: ONNX_ELEMENT_TYPE[dtype] }) as Tensor<Axes>; // the shape stays
}

/** `a` where the boolean `condition` holds, `b` elsewhere. Two numbers are taken as float32. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  if (typeof a === "number" && typeof b === "number") {
    const graph = graphOf(condition);
    return addOne("Where", [condition, scalar(graph, a), scalar(graph, b)], {});
  }
  return addOne("Where", [condition, ...tensorsOf("Where", [a, b])], {});
}

/** `x` with values below `low` raised to it and values above `high` brought down to it. */
export function clip<Axes extends string>(x: Tensor<Axes>, low: number, high: number): Tensor<Axes> {
  return addOne("Clip", tensorsOf("Clip", [x, low, high]), {}) as Tensor<Axes>; // the shape stays
}

/** The sum of tensors of one shape, added in their order. Throws where there is none. */
export function total(terms: readonly Tensor[]): Tensor {
  const [first, ...rest] = terms;
  if (!first) throw new ShapeError("total: expected at least one tensor, got none.");
  return rest.reduce((sum, term) => add(sum, term), first);
}

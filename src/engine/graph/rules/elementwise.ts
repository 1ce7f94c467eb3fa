// Rules of the operators that work element by element, with ONNX's multidirectional broadcasting.
import type { DType } from "#base/array";
import { elementTypeOf } from "../element-type.ts";
import type { ElementwiseOp } from "../op-attributes.ts";
import type { HostTensor, OpInput, OpRule, RulesOf, TensorType } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";
import { erf } from "./erf.ts";
import { commonType, expectFloat, expectNumber, expectType, takeOne, takeThree, takeTwo } from "./operands.ts";
import { broadcastShapes, broadcastTo } from "./strided.ts";

/** A rule without attributes; one serves every such operator of its kind. */
type PlainRule = OpRule<"Add">;
type Check = (inputs: readonly OpInput[]) => void;

function unary(expect: Check, apply: (x: number) => number): PlainRule {
  return {
    domain: "",
    attributes: {},
    outputTypes: (inputs) => {
      const { dtype, shape } = takeOne(inputs);
      expect(inputs);
      return [{ dtype, shape }];
    },
    evaluate: (inputs) => [mapped(takeOne(inputs), apply)],
  };
}

function mapped(x: HostTensor, apply: (x: number) => number): HostTensor {
  return { shape: x.shape, data: x.data.map((value) => apply(value)) };
}

/** Two operands of one type; the result has that type too, or is boolean where `result` says so. */
function binary(expect: Check, apply: (a: number, b: number) => number, result?: "bool"): PlainRule {
  return {
    domain: "",
    attributes: {},
    outputTypes: (inputs) => {
      const [a, b] = takeTwo(inputs);
      const dtype = commonType(inputs);
      expect(inputs);
      return [{ dtype: result ?? dtype, shape: broadcastShapes([a.shape, b.shape]) }];
    },
    evaluate: (inputs, _, outputs) => [paired(takeTwo(inputs), outputs[0]!, apply)],
  };
}

function paired(
  [a, b]: readonly [HostTensor, HostTensor],
  { shape }: TensorType,
  apply: (a: number, b: number) => number,
): HostTensor {
  const left = broadcastTo(a, shape);
  const right = broadcastTo(b, shape);
  const data = new Float64Array(left.length);
  for (let i = 0; i < data.length; i++) data[i] = apply(left[i]!, right[i]!);
  return { shape, data };
}

const expectBool: Check = (inputs) => {
  for (const input of inputs) expectType(input, "bool", "operands");
};
const expectAny: Check = () => {};

/** x Phi(x): the exact form, not the tanh approximation. */
export function geluOf(x: number): number {
  return (x / 2) * (1 + erf(x / Math.SQRT2));
}

const cast: OpRule<"Cast"> = {
  domain: "",
  attributes: { to: "int" },
  outputTypes: (inputs, { to }) => [{ dtype: castTarget(to), shape: takeOne(inputs).shape }],
  evaluate: (inputs, { to }) => [mapped(takeOne(inputs), CASTS[castTarget(to)])],
};

function castTarget(to: number): DType {
  const dtype = elementTypeOf(to);
  if (!dtype) throw new ShapeError(`expected "to" to be an ONNX element type, got ${to}.`);
  return dtype;
}

const keep = (x: number): number => x;
/** The evaluator stays in float64: only the cut to whole numbers and to truth is made. */
const CASTS: Readonly<Record<DType, (x: number) => number>> = {
  float32: keep,
  float64: keep,
  float16: keep,
  int64: Math.trunc,
  int32: Math.trunc,
  int16: Math.trunc,
  uint16: Math.trunc,
  int8: Math.trunc,
  uint8: Math.trunc,
  bool: (x) => (x === 0 ? 0 : 1),
};

const where: PlainRule = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => {
    const [condition, a, b] = takeThree(inputs);
    expectType(condition, "bool", "the condition");
    return [{ dtype: commonType([a, b]), shape: broadcastShapes([condition.shape, a.shape, b.shape]) }];
  },
  evaluate: (inputs, _, outputs) => {
    const { shape } = outputs[0]!;
    const [condition, a, b] = takeThree(inputs).map((input) => broadcastTo(input, shape));
    return [{ shape, data: condition!.map((isTrue, i) => (isTrue ? a![i]! : b![i]!)) }];
  },
};

/** Clip-13 with both bounds, which are scalars. */
const clip: PlainRule = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => {
    const [x, low, high] = takeThree(inputs);
    expectFloat(inputs);
    for (const bound of [low, high]) {
      if (bound.shape.length !== 0) throw new ShapeError(`expected scalar bounds, got shape ${shapeText(bound.shape)}.`);
    }
    return [{ dtype: commonType(inputs), shape: x.shape }];
  },
  evaluate: (inputs) => {
    const [x, low, high] = takeThree(inputs);
    return [mapped(x, (value) => Math.min(Math.max(value, low.data[0]!), high.data[0]!))];
  },
};

const hardSigmoid: OpRule<"HardSigmoid"> = {
  domain: "",
  attributes: { alpha: "float", beta: "float" },
  outputTypes: (inputs) => {
    expectFloat(inputs);
    return [{ dtype: commonType(inputs), shape: takeOne(inputs).shape }];
  },
  evaluate: (inputs, { alpha, beta }) => [mapped(takeOne(inputs), (x) => Math.min(Math.max(alpha * x + beta, 0), 1))],
};

const isNaNRule: PlainRule = {
  ...unary(expectFloat, (x) => Number(Number.isNaN(x))),
  outputTypes: (inputs) => {
    expectFloat(inputs);
    return [{ dtype: "bool", shape: takeOne(inputs).shape }];
  },
};

/** Largest and smallest let NaN through, as ONNX Runtime and PyTorch do; so do Math.max and Math.min. */
export const ELEMENTWISE_RULES: RulesOf<ElementwiseOp> = {
  Add: binary(expectNumber, (a, b) => a + b),
  Sub: binary(expectNumber, (a, b) => a - b),
  Mul: binary(expectNumber, (a, b) => a * b),
  Div: binary(expectFloat, (a, b) => a / b),
  Pow: binary(expectFloat, (a, b) => a ** b),
  Max: binary(expectNumber, Math.max),
  Min: binary(expectNumber, Math.min),
  Neg: unary(expectNumber, (x) => -x),
  Abs: unary(expectNumber, Math.abs),
  Sqrt: unary(expectFloat, Math.sqrt),
  Reciprocal: unary(expectFloat, (x) => 1 / x),
  Exp: unary(expectFloat, Math.exp),
  Log: unary(expectFloat, Math.log),
  Erf: unary(expectFloat, erf),
  Tanh: unary(expectFloat, Math.tanh),
  Sigmoid: unary(expectFloat, (x) => 1 / (1 + Math.exp(-x))),
  HardSigmoid: hardSigmoid,
  Relu: unary(expectFloat, (x) => Math.max(x, 0)),
  // com.microsoft's Gelu is exact and one fused pass in ONNX Runtime at any opset; ai.onnx has it only from opset 20.
  Gelu: { ...unary(expectFloat, geluOf), domain: "com.microsoft" },
  Identity: unary(expectAny, keep),
  Cast: cast,
  Equal: binary(expectAny, (a, b) => Number(a === b), "bool"),
  Less: binary(expectNumber, (a, b) => Number(a < b), "bool"),
  Greater: binary(expectNumber, (a, b) => Number(a > b), "bool"),
  Not: unary(expectBool, (x) => 1 - x),
  And: binary(expectBool, (a, b) => a * b, "bool"),
  Where: where,
  Clip: clip,
  IsNaN: isNaNRule,
};

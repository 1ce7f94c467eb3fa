// Gradient rules of the operators that work element by element. x, a, b: operands; y: result; dy: its cotangent.
import {
  add,
  and,
  cast,
  div,
  type ElementwiseOp,
  elementTypeOf,
  equal,
  erf,
  exp,
  graphOf,
  greater,
  hardSigmoid,
  isFloat,
  less,
  log,
  mul,
  neg,
  type Operand,
  type OpName,
  pow,
  sub,
  type Tensor,
  where,
} from "#engine/graph";
import { type GradientRule, type GradientRulesOf, ofOneOutput, once, sumTo } from "../gradient-rule.ts";

function unary(vjp: (dy: Tensor, x: Tensor, y: Tensor) => Tensor): GradientRule<OpName> {
  return ofOneOutput((dy, { inputs, outputs }) => [() => vjp(dy, inputs[0]!, outputs[0]!)]);
}

type BinaryVjp = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;

/** Cotangents before broadcasting is undone; `sumTo` does that here. */
function binary(toA: BinaryVjp, toB: BinaryVjp): GradientRule<OpName> {
  return ofOneOutput((dy, { inputs, outputs }) => {
    const [a, b] = [inputs[0]!, inputs[1]!];
    return [() => sumTo(toA(dy, a, b, outputs[0]!), a.shape), () => sumTo(toB(dy, a, b, outputs[0]!), b.shape)];
  });
}

/** The small operand's sum is negated, not the large cotangent. */
const subtraction: GradientRule<OpName> = ofOneOutput((dy, { inputs }) => [
  () => sumTo(dy, inputs[0]!.shape),
  () => neg(sumTo(dy, inputs[1]!.shape)),
]);

/** d(a/b) = da/b - (y/b) db; dy/b is shared. */
const division: GradientRule<OpName> = ofOneOutput((dy, { inputs, outputs }) => {
  const [a, b] = [inputs[0]!, inputs[1]!];
  const quotient = once(() => div(dy, b));
  return [() => sumTo(quotient(), a.shape), () => neg(sumTo(mul(quotient(), outputs[0]!), b.shape))];
});

/** d(a^b) = b a^(b-1) da + y ln(a) db: the second only where a > 0. */
function powerSlope(a: Tensor, exponent: Operand): Tensor {
  if (exponent === 2) return mul(a, 2);
  return mul(pow(a, typeof exponent === "number" ? exponent - 1 : sub(exponent, 1)), exponent);
}

const power: GradientRule<"Pow"> = ofOneOutput((dy, { inputs, outputs }) => {
  const [a, b] = [inputs[0]!, inputs[1]!];
  return [
    () => sumTo(mul(dy, powerSlope(a, knownScalar(b) ?? b)), a.shape),
    () => sumTo(mul(dy, mul(outputs[0]!, log(a))), b.shape),
  ];
});

function knownScalar(x: Tensor): number | undefined {
  const constant = graphOf(x).constantOf(x);
  return constant && constant.data.length === 1 && x.shape.length === 0 ? Number(constant.data[0]) : undefined;
}

/**
 * The slope of Gelu: Phi(x) + x phi(x), with Phi and phi the normal distribution and its density.
 * With u = x / sqrt 2 it is (1 + erf u)/2 + x / (sqrt(2 pi) exp(u^2)): u serves both terms, and exp(u^2) = infinity gives the right 0.
 */
export function geluSlope(x: Tensor): Tensor {
  const u = mul(x, Math.SQRT1_2);
  const distribution = normalDistribution(u);
  const density = mul(exp(mul(u, u)), Math.sqrt(2 * Math.PI)); // its reciprocal
  return add(distribution, div(x, density));
}

/** x Phi(x), from the same nodes as the slope: ONNX Runtime computes those that are alike once. */
export function geluByDistribution(x: Tensor): Tensor {
  return mul(x, normalDistribution(mul(x, Math.SQRT1_2)));
}

/** Phi(u sqrt 2). */
function normalDistribution(u: Tensor): Tensor {
  return add(mul(erf(u), 0.5), 0.5);
}

const casting: GradientRule<"Cast"> = ofOneOutput((dy, { inputs, attributes }) => {
  const from = inputs[0]!.dtype;
  const isSmooth = isFloat(from) && isFloat(elementTypeOf(attributes.to) ?? from);
  return [isSmooth ? () => cast(dy, from) : undefined];
});

const selection: GradientRule<"Where"> = ofOneOutput((dy, { inputs }) => {
  const condition = inputs[0]!;
  return [
    undefined,
    () => sumTo(where(condition, dy, 0), inputs[1]!.shape),
    () => sumTo(where(condition, 0, dy), inputs[2]!.shape),
  ];
});

/** Inside the bounds alone; at a bound itself the cotangent passes, as in PyTorch. */
const clipping: GradientRule<"Clip"> = ofOneOutput((dy, { inputs, outputs }) => {
  const [x, y] = [inputs[0]!, outputs[0]!];
  return [() => where(equal(x, y), dy, 0), undefined, undefined];
});

const hardSigmoidVjp: GradientRule<"HardSigmoid"> = ofOneOutput((dy, { outputs, attributes: { alpha } }) => {
  const y = outputs[0]!;
  return [() => mul(mul(dy, alpha), cast(and(greater(y, 0), less(y, 1)), dy.dtype))];
});

/**
 * 1 where y > 0, 0 elsewhere, of a y that a rectifier gave. A slope so steep that every normal number is above 1 makes it in one pass over
 * memory, where comparing and casting take two.
 */
function step(y: Tensor): Tensor {
  return y.dtype === "float32" ? hardSigmoid(y, { alpha: 2 ** 127, beta: 0 }) : cast(greater(y, 0), y.dtype);
}

/** Conventions at kinks: Max and Min give a tie's whole cotangent to the first operand; Relu and Abs have slope 0 at 0, as in PyTorch. */
export const ELEMENTWISE_GRADIENTS: GradientRulesOf<ElementwiseOp> = {
  Add: binary(
    (dy) => dy,
    (dy) => dy,
  ),
  Sub: subtraction,
  Mul: binary(
    (dy, _, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
  ),
  Div: division,
  Pow: power,
  Max: binary(
    (dy, a, b) => where(less(a, b), 0, dy),
    (dy, a, b) => where(less(a, b), dy, 0),
  ),
  Min: binary(
    (dy, a, b) => where(less(b, a), 0, dy),
    (dy, a, b) => where(less(b, a), dy, 0),
  ),
  Neg: unary((dy) => neg(dy)),
  Abs: unary((dy, x) => where(greater(x, 0), dy, where(less(x, 0), neg(dy), 0))),
  Sqrt: unary((dy, _, y) => div(mul(dy, 0.5), y)),
  Reciprocal: unary((dy, _, y) => neg(mul(dy, mul(y, y)))),
  Exp: unary((dy, _, y) => mul(dy, y)),
  Log: unary((dy, x) => div(dy, x)),
  Erf: unary((dy, x) => mul(mul(dy, 2 / Math.sqrt(Math.PI)), exp(neg(mul(x, x))))),
  Tanh: unary((dy, _, y) => mul(dy, sub(1, mul(y, y)))),
  Sigmoid: unary((dy, _, y) => mul(dy, mul(y, sub(1, y)))),
  HardSigmoid: hardSigmoidVjp,
  // As a product: ONNX Runtime's Where takes twice as long.
  Relu: unary((dy, _, y) => mul(dy, step(y))),
  Gelu: unary((dy, x) => mul(dy, geluSlope(x))),
  Identity: unary((dy) => dy),
  Cast: casting,
  Equal: "none",
  Less: "none",
  Greater: "none",
  Not: "none",
  And: "none",
  Where: selection,
  Clip: clipping,
  IsNaN: "none",
};

// Cases of the operators that work element by element.
import {
  abs,
  add,
  and,
  cast,
  clip,
  div,
  equal,
  erf,
  exp,
  gelu,
  greater,
  hardSigmoid,
  identity,
  isNan,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  not,
  type Operand,
  type OpName,
  pow,
  reciprocal,
  relu,
  sigmoid,
  sqrt,
  sub,
  type Tensor,
  tanh,
  where,
} from "#engine/graph";
import {
  awayFromZero,
  booleans,
  distinct,
  given,
  normals,
  type OpCase,
  opCase,
  positives,
  valuesOnly,
  wholeNumbers,
} from "./op-case.ts";

type Draw = (...shape: readonly number[]) => ReturnType<typeof normals>;

/** One awkward set of shapes for every operator of two operands: equal, leading axes, both sides repeated, a scalar, batch 1. */
function pairs(op: OpName, build: (a: Operand, b: Operand) => Tensor, drawA: Draw, drawB: Draw): readonly OpCase[] {
  return [
    opCase(op, "equal odd shapes", { a: drawA(3, 5), b: drawB(3, 5) }, ({ a, b }) => build(a, b)),
    opCase(op, "a row onto a batch", { a: drawA(2, 3, 5), b: drawB(5) }, ({ a, b }) => build(a, b)),
    opCase(op, "a batch onto a row", { a: drawA(5), b: drawB(2, 3, 5) }, ({ a, b }) => build(a, b)),
    opCase(op, "both operands repeated", { a: drawA(3, 1, 4), b: drawB(1, 5, 1) }, ({ a, b }) => build(a, b)),
    opCase(op, "a column of another rank", { a: drawA(2, 3, 5), b: drawB(3, 1) }, ({ a, b }) => build(a, b)),
    opCase(op, "a scalar tensor", { a: drawA(1, 7), b: drawB() }, ({ a, b }) => build(a, b)),
    opCase(op, "a number behind", { a: drawA(1, 7) }, ({ a }) => build(a, 1.5)),
    opCase(op, "a number in front", { b: drawB(7, 1) }, ({ b }) => build(1.5, b)),
  ];
}

function singles(op: OpName, build: (x: Tensor) => Tensor, draw: Draw): readonly OpCase[] {
  return [
    opCase(op, "odd sizes", { x: draw(3, 5, 7) }, ({ x }) => build(x)),
    opCase(op, "a scalar", { x: draw() }, ({ x }) => build(x)),
  ];
}

const spread: Draw = (...shape) => ({ dtype: "float32", shape, draw: (random) => 3 * random.normal() });
/** Two shapes whose values never meet: multiples of 0.1, and the same plus 0.05. */
const onGrid: Draw = (...shape) => distinct(shape);
const betweenGrid: Draw = (...shape) => distinct(shape, 0.05);

const WHERE_CASES: readonly OpCase[] = [
  opCase("Clip", "some below, some above", { x: distinct([3, 7]) }, ({ x }) => clip(x, -0.55, 0.35)),
  opCase("Where", "equal shapes", { c: booleans(3, 5), a: normals(3, 5), b: normals(3, 5) }, ({ c, a, b }) => where(c, a, b)),
  opCase("Where", "all three repeated", { c: booleans(2, 1, 5), a: normals(3, 1), b: normals(5) }, ({ c, a, b }) =>
    where(c, a, b),
  ),
  opCase("Where", "a number first", { c: booleans(4, 3), b: normals(3) }, ({ c, b }) => where(c, 0.5, b)),
  opCase("Where", "a condition computed from an operand", { a: awayFromZero(9) }, ({ a }) => where(greater(a, 0), mul(a, a), a)),
];

const CAST_CASES: readonly OpCase[] = [
  opCase("Cast", "there and back", { x: normals(3, 5) }, ({ x }) => cast(cast(x, "float64"), "float32")),
  opCase("Cast", "to whole numbers, towards zero", { x: given("float32", [5], [-1.7, -0.3, 0.5, 1.5, 2]) }, ({ x }) =>
    cast(x, "int64"),
  ),
  opCase("Cast", "from whole numbers", { x: wholeNumbers([7], -3, 4) }, ({ x }) => cast(x, "float32")),
  valuesOnly(
    opCase("Cast", "to truth and back", { x: given("float32", [4], [0, 0.5, -2, 0]) }, ({ x }) =>
      cast(cast(x, "bool"), "float32"),
    ),
  ),
];

const LOGIC_CASES: readonly OpCase[] = [
  opCase("Equal", "numbers with equals", { a: wholeNumbers([4, 5], 0, 3), b: wholeNumbers([5], 0, 3) }, ({ a, b }) =>
    equal(a, b),
  ),
  opCase("Equal", "a float with itself", { a: normals(3) }, ({ a }) => equal(a, a)),
  opCase(
    "Less",
    "a row, with ties",
    { a: given("float32", [2, 3], [1, 2, 3, 3, 2, 1]), b: given("float32", [3], [2, 2, 2]) },
    ({ a, b }) => less(a, b),
  ),
  opCase("Greater", "a number, with ties", { a: given("float32", [3], [1, 2, 3]) }, ({ a }) => greater(a, 2)),
  opCase("Not", "of booleans", { a: booleans(3, 5) }, ({ a }) => not(a)),
  opCase("And", "with a row", { a: booleans(3, 5), b: booleans(5) }, ({ a, b }) => and(a, b)),
  opCase("IsNaN", "with infinity", { a: given("float32", [4], [1, Number.NaN, Number.POSITIVE_INFINITY, 0]) }, ({ a }) =>
    isNan(a),
  ),
];

const WHOLE_NUMBER_CASES: readonly OpCase[] = [
  opCase("Add", "whole numbers", { a: wholeNumbers([3, 4], -9, 9), b: wholeNumbers([4], -9, 9) }, ({ a, b }) => add(a, b)),
  opCase("Mul", "whole numbers with a number", { a: wholeNumbers([5], -9, 9) }, ({ a }) => mul(a, 3)),
];

export const ELEMENTWISE_CASES: readonly OpCase[] = [
  ...pairs("Add", add, normals, normals),
  ...pairs("Sub", sub, normals, normals),
  ...pairs("Mul", mul, normals, normals),
  ...pairs("Div", div, normals, awayFromZero),
  ...pairs("Pow", pow, positives, normals),
  opCase("Pow", "the square, of either sign", { x: awayFromZero(3, 5) }, ({ x }) => pow(x, 2)),
  opCase("Pow", "the cube, of either sign", { x: awayFromZero(3, 5) }, ({ x }) => pow(x, 3)),
  ...pairs("Max", maximum, onGrid, betweenGrid),
  ...pairs("Min", minimum, onGrid, betweenGrid),
  ...singles("Neg", neg, normals),
  ...singles("Abs", abs, awayFromZero),
  ...singles("Sqrt", sqrt, positives),
  ...singles("Reciprocal", reciprocal, awayFromZero),
  ...singles("Exp", exp, normals),
  ...singles("Log", log, positives),
  ...singles("Erf", erf, spread),
  ...singles("Tanh", tanh, spread),
  ...singles("Sigmoid", sigmoid, spread),
  ...singles("HardSigmoid", (x) => hardSigmoid(x, { alpha: 0.31, beta: 0.4 }), awayFromZero),
  opCase("HardSigmoid", "so steep that it is a step", { x: given("float32", [4], [-2, -0.5, 0.5, 3]) }, ({ x }) =>
    hardSigmoid(x, { alpha: 2 ** 127, beta: 0 }),
  ),
  ...singles("Relu", relu, awayFromZero),
  ...singles("Gelu", gelu, spread),
  opCase("Gelu", "far tails", { x: given("float32", [6], [-30, -9, -5.5, 5.5, 9, 30]) }, ({ x }) => gelu(x)),
  ...singles("Identity", identity, normals),
  ...CAST_CASES,
  ...LOGIC_CASES,
  ...WHERE_CASES,
  ...WHOLE_NUMBER_CASES,
];

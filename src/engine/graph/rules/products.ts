// Rules of the matrix products. Operands are at least 2-D; axes before the last two are a batch, with broadcasting.
import { sizeOf } from "#base/array";
import type { HostTensor, OpInput, OpRule, RulesOf, TensorType } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";
import { commonType, expectFloat, takeTwo } from "./operands.ts";
import { broadcastShapes, broadcastTo, transposed } from "./strided.ts";

interface Transposes {
  readonly transA: number;
  readonly transB: number;
}

const AS_THEY_ARE: Transposes = { transA: 0, transB: 0 };

function productType(a: OpInput, b: OpInput, { transA, transB }: Transposes): TensorType {
  expectFloat([a, b]);
  const dtype = commonType([a, b]);
  for (const { shape } of [a, b]) {
    if (shape.length < 2)
      throw new ShapeError(`expected operands with 2 or more axes, got ${shape.length} (shape ${shapeText(shape)}).`);
  }
  const numRows = a.shape.at(transA ? -1 : -2)!;
  const depth = a.shape.at(transA ? -2 : -1)!;
  const depthOfB = b.shape.at(transB ? -1 : -2)!;
  const numColumns = b.shape.at(transB ? -2 : -1)!;
  if (depth !== depthOfB) {
    throw new ShapeError(`expected ${depth} ${transB ? "columns" : "rows"} in the second operand, got ${depthOfB}.`);
  }
  return { dtype, shape: [...broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]), numRows, numColumns] };
}

function product(
  a: HostTensor,
  b: HostTensor,
  { transA, transB }: Transposes,
  alpha: number,
  shape: readonly number[],
): HostTensor {
  const left = transA ? withLastTwoSwapped(a) : a;
  const right = transB ? withLastTwoSwapped(b) : b;
  const batch = shape.slice(0, -2);
  const [numRows, numColumns, depth] = [shape.at(-2)!, shape.at(-1)!, left.shape.at(-1)!];
  const leftStarts = matrixStarts(left.shape, batch);
  const rightStarts = matrixStarts(right.shape, batch);
  const data = new Float64Array(sizeOf(shape));
  for (let matrix = 0; matrix < leftStarts.length; matrix++) {
    for (let row = 0; row < numRows; row++) {
      const out = (matrix * numRows + row) * numColumns;
      const leftRow = leftStarts[matrix]! + row * depth;
      for (let k = 0; k < depth; k++) {
        const factor = alpha * left.data[leftRow + k]!;
        const rightRow = rightStarts[matrix]! + k * numColumns;
        for (let column = 0; column < numColumns; column++) data[out + column]! += factor * right.data[rightRow + column]!;
      }
    }
  }
  return { shape, data };
}

function withLastTwoSwapped(x: HostTensor): HostTensor {
  const rank = x.shape.length;
  return transposed(x, [...x.shape.keys()].slice(0, -2).concat(rank - 1, rank - 2));
}

/** Where each matrix of a broadcast batch starts in the operand's data. */
function matrixStarts(shape: readonly number[], batch: readonly number[]): Float64Array {
  const own = shape.slice(0, -2);
  const size = shape.at(-2)! * shape.at(-1)!;
  const starts = Float64Array.from({ length: sizeOf(own) }, (_, index) => index * size);
  return broadcastTo({ shape: own, data: starts }, batch);
}

const matMul: OpRule<"MatMul"> = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => [productType(...takeTwo(inputs), AS_THEY_ARE)],
  evaluate: (inputs, _, outputs) => [product(...takeTwo(inputs), AS_THEY_ARE, 1, outputs[0]!.shape)],
};

const fusedMatMul: OpRule<"FusedMatMul"> = {
  domain: "com.microsoft",
  attributes: { alpha: "float", transA: "int", transB: "int" },
  outputTypes: (inputs, attributes) => [productType(...takeTwo(inputs), attributes)],
  evaluate: (inputs, attributes, outputs) => [product(...takeTwo(inputs), attributes, attributes.alpha, outputs[0]!.shape)],
};

const gemm: OpRule<"Gemm"> = {
  domain: "",
  attributes: { alpha: "float", beta: "float", transA: "int", transB: "int" },
  outputTypes: (inputs, attributes) => {
    const [a, b] = takeTwo(inputs.slice(0, 2));
    if (inputs.length > 3) throw new ShapeError(`expected 2 or 3 operands, got ${inputs.length}.`);
    for (const { shape } of [a, b]) {
      if (shape.length !== 2) throw new ShapeError(`expected 2-D operands, got shape ${shapeText(shape)}.`);
    }
    const type = productType(a, b, attributes);
    const bias = inputs[2];
    if (bias) expectBias(bias, type);
    return [type];
  },
  evaluate: (inputs, attributes, outputs) => {
    const { shape } = outputs[0]!;
    const [a, b] = takeTwo(inputs.slice(0, 2));
    const { data } = product(a, b, attributes, attributes.alpha, shape);
    const bias = inputs[2];
    if (!bias) return [{ shape, data }];
    const repeated = broadcastTo(bias, shape);
    return [{ shape, data: data.map((value, i) => value + attributes.beta * repeated[i]!) }];
  },
};

function expectBias(bias: OpInput, type: TensorType): void {
  commonType([bias, type]);
  const together = broadcastShapes([bias.shape, type.shape]);
  if (shapeText(together) !== shapeText(type.shape)) {
    throw new ShapeError(
      `expected the third operand to broadcast to ${shapeText(type.shape)}, got shape ${shapeText(bias.shape)}.`,
    );
  }
}

export const PRODUCT_RULES: RulesOf<"MatMul" | "Gemm" | "FusedMatMul"> = { MatMul: matMul, Gemm: gemm, FusedMatMul: fusedMatMul };

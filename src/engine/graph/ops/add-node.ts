// How operator functions put nodes into the graph of their operands.
import { type DType, halfBits, ndArray, type TypedData } from "#base/array";
import { type Graph, graphOf } from "../graph.ts";
import type { OpAttributes, OpName } from "../op-attributes.ts";
import { ShapeError } from "../shape-error.ts";
import type { Tensor } from "../tensor.ts";

/** A tensor, or a number that becomes a constant of the other operand's element type. */
export type Operand = Tensor | number;

const SCALARS: { readonly [D in DType]?: (value: number) => TypedData<D> } = {
  float32: (value) => Float32Array.of(value),
  float64: (value) => Float64Array.of(value),
  float16: (value) => Uint16Array.of(halfBits(value)),
  int64: (value) => BigInt64Array.of(BigInt(value)),
  int32: (value) => Int32Array.of(value),
};

/** A constant of shape []. Element types: float32, float64, float16, int64, int32. */
export function scalar(graph: Graph, value: number, dtype: DType = "float32"): Tensor {
  const data = SCALARS[dtype]?.(value);
  if (!data) throw new ShapeError(`constant ${value}: expected float32, float64, float16, int64 or int32, got ${dtype}.`);
  return graph.constant(ndArray(dtype, [], data));
}

/** Operands as tensors of one graph. Throws where all are numbers: there is no graph to put the node into. */
export function tensorsOf(op: OpName, operands: readonly Operand[]): readonly Tensor[] {
  const model = operands.find((operand) => typeof operand !== "number");
  if (!model) throw new ShapeError(`${op}: expected at least one tensor among the operands, got ${operands.join(" and ")}.`);
  return operands.map((operand) => (typeof operand === "number" ? scalar(graphOf(model), operand, model.dtype) : operand));
}

/** Adds a node; returns all its outputs. */
export function addNode<Op extends OpName>(op: Op, inputs: readonly Tensor[], attributes: OpAttributes[Op]): readonly Tensor[] {
  const first = inputs[0];
  if (!first) throw new ShapeError(`${op}: expected at least 1 operand, got 0.`);
  return graphOf(first).add(op, inputs, attributes);
}

/** Adds a node of one output. */
export function addOne<Op extends OpName>(op: Op, inputs: readonly Tensor[], attributes: OpAttributes[Op]): Tensor {
  return addNode(op, inputs, attributes)[0]!;
}

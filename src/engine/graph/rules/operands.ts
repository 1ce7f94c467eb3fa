// What rules ask of their operands: how many, of which type, known while building; and which axis is meant.
import type { DType } from "#base/array";
import { isFloat } from "../element-type.ts";
import type { OpInput } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";

function expectCount(inputs: readonly unknown[], count: number): void {
  if (inputs.length !== count) throw new ShapeError(`expected ${count} operand${count === 1 ? "" : "s"}, got ${inputs.length}.`);
}

export function takeOne<T>(inputs: readonly T[]): T {
  expectCount(inputs, 1);
  return inputs[0]!;
}

export function takeTwo<T>(inputs: readonly T[]): readonly [T, T] {
  expectCount(inputs, 2);
  return [inputs[0]!, inputs[1]!];
}

export function takeThree<T>(inputs: readonly T[]): readonly [T, T, T] {
  expectCount(inputs, 3);
  return [inputs[0]!, inputs[1]!, inputs[2]!];
}

/** Throws unless all operands have one element type; returns it. */
export function commonType(inputs: readonly OpInput[]): DType {
  const types = inputs.map((input) => input.dtype);
  const first = types[0]!;
  if (types.some((dtype) => dtype !== first))
    throw new ShapeError(`expected operands of one element type, got ${types.join(" and ")}.`);
  return first;
}

export function expectFloat(inputs: readonly OpInput[]): void {
  for (const { dtype } of inputs) if (!isFloat(dtype)) throw new ShapeError(`expected floating-point operands, got ${dtype}.`);
}

export function expectNumber(inputs: readonly OpInput[]): void {
  for (const { dtype } of inputs) if (dtype === "bool") throw new ShapeError(`expected operands of numbers, got ${dtype}.`);
}

export function expectType(input: OpInput, dtype: DType, what: string): void {
  if (input.dtype !== dtype) throw new ShapeError(`expected ${what} of type ${dtype}, got ${input.dtype}.`);
}

/** The whole numbers of an operand that must be a constant int64 vector: a shape, a list of axes. */
export function constantIntegers(input: OpInput, what: string): readonly number[] {
  expectType(input, "int64", what);
  if (!input.constant) throw new ShapeError(`expected ${what} to be a constant, got a value computed in the graph.`);
  if (input.shape.length !== 1) throw new ShapeError(`expected ${what} to be a vector, got shape ${shapeText(input.shape)}.`);
  return Array.from(input.constant.data, Number);
}

/** An axis counted from the front; ONNX counts negative ones from the back. Throws where the operand has no such axis. */
export function axisFromFront(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new ShapeError(`expected an axis in [${-rank}, ${rank - 1}], got ${axis}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Distinct axes counted from the front, in rising order. */
export function axesFromFront(axes: readonly number[], rank: number): readonly number[] {
  const found = axes.map((axis) => axisFromFront(axis, rank)).sort((a, b) => a - b);
  if (new Set(found).size !== found.length) throw new ShapeError(`expected each axis once, got ${shapeText(axes)}.`);
  return found;
}

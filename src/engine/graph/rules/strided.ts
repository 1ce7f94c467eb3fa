// Row-major arrays read and written through strides: broadcasting, transposing, slicing and padding in the float64 evaluator.
import { sizeOf } from "#base/array";
import type { HostTensor } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";

/** Elements from one index to the next along each axis of a row-major array. */
export function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** The shape that operands take together: axes are matched from the back, sizes are equal or 1 (ONNX multidirectional broadcasting). */
export function broadcastShapes(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, index) => {
    const fromBack = index - rank;
    const sizes = shapes.map((shape) => shape.at(fromBack)).filter((size) => size !== undefined);
    const size = sizes.find((candidate) => candidate !== 1) ?? 1;
    if (sizes.some((other) => other !== 1 && other !== size)) {
      const all = shapes.map(shapeText).join(" and ");
      throw new ShapeError(
        `shapes ${all} do not broadcast: expected sizes that are equal or 1 in axis ${fromBack}, got ${sizes.join(" and ")}.`,
      );
    }
    return size;
  });
}

/** Walks a box of `shape` in row-major order; `strides` and `offset` say where each element lies on the strided side. */
function walk(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  visitRow: (flat: number, strided: number) => void,
): void {
  const rank = shape.length;
  const rowLength = shape[rank - 1] ?? 1;
  const numElements = sizeOf(shape);
  const index = new Array<number>(rank).fill(0);
  let strided = offset;
  for (let flat = 0; flat < numElements; flat += rowLength) {
    visitRow(flat, strided);
    for (let axis = rank - 2; axis >= 0; axis--) {
      strided += strides[axis]!;
      index[axis]! += 1;
      if (index[axis]! < shape[axis]!) break;
      strided -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

/** A row-major copy of the box of `shape` that lies in `data` at `offset` with these strides. */
export function readStrided(data: Float64Array, shape: readonly number[], strides: readonly number[], offset = 0): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const rowLength = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 1;
  walk(shape, strides, offset, (flat, strided) => {
    for (let i = 0; i < rowLength; i++) out[flat + i] = data[strided + i * step]!;
  });
  return out;
}

/** Writes the row-major `values`, a box of `shape`, into `data` at `offset` with these strides. */
export function writeStrided(
  data: Float64Array,
  values: Float64Array,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): void {
  const rowLength = shape.at(-1) ?? 1;
  const step = strides.at(-1) ?? 1;
  walk(shape, strides, offset, (flat, strided) => {
    for (let i = 0; i < rowLength; i++) data[strided + i * step] = values[flat + i]!;
  });
}

/** The elements of `x` repeated to `shape`, into which it must broadcast. May be `x.data` itself. */
export function broadcastTo(x: HostTensor, shape: readonly number[]): Float64Array {
  if (x.data.length === sizeOf(shape)) return x.data;
  const lead = shape.length - x.shape.length;
  const own = stridesOf(x.shape);
  const strides = shape.map((_, axis) => (axis < lead || x.shape[axis - lead] === 1 ? 0 : own[axis - lead]!));
  return readStrided(x.data, shape, strides);
}

/** `x` with its axes in the order `perm`. */
export function transposed(x: HostTensor, perm: readonly number[]): HostTensor {
  const strides = stridesOf(x.shape);
  const shape = perm.map((axis) => x.shape[axis]!);
  return {
    shape,
    data: readStrided(
      x.data,
      shape,
      perm.map((axis) => strides[axis]!),
    ),
  };
}

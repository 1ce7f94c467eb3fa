// Cases of the operators that move elements.
import { concat, expand, gather, mul, pad, reshape, scatterSum, slice, split, transpose } from "#engine/graph";
import { given, normals, type OpCase, opCase, wholeNumbers } from "./op-case.ts";

export const SHAPE_CASES: readonly OpCase[] = [
  opCase("Reshape", "to other axes", { x: normals(3, 4, 5) }, ({ x }) => reshape(x, [5, 12])),
  opCase("Reshape", "one size kept, one open", { x: normals(3, 4, 5) }, ({ x }) => reshape(x, [0, -1])),
  opCase("Reshape", "to a scalar", { x: normals(1, 1) }, ({ x }) => reshape(x, [])),
  opCase("Transpose", "a matrix", { x: normals(3, 5) }, ({ x }) => transpose(x, [1, 0])),
  opCase("Transpose", "an order that is not its own inverse", { x: normals(2, 3, 4) }, ({ x }) => transpose(x, [2, 0, 1])),
  opCase("Transpose", "heads to the front", { x: normals(1, 3, 2, 4) }, ({ x }) => transpose(x, [0, 2, 1, 3])),
  opCase("Concat", "first axis", { a: normals(2, 3), b: normals(1, 3) }, ({ a, b }) => concat([a, b], 0)),
  opCase("Concat", "negative axis, three operands, one twice", { a: normals(2, 3), b: normals(2, 1) }, ({ a, b }) =>
    concat([a, b, a], -1),
  ),
  opCase("Concat", "middle axis", { a: normals(2, 1, 3), b: normals(2, 4, 3) }, ({ a, b }) => concat([a, b], 1)),
  opCase("Split", "unequal pieces", { x: normals(2, 6, 3) }, ({ x }) => split(x, [1, 3, 2], 1)),
  opCase("Split", "negative axis", { x: normals(3, 4) }, ({ x }) => split(x, [3, 1], -1)),
  opCase("Split", "only the middle piece used", { x: normals(5, 3) }, ({ x }) => split(x, [2, 2, 1], 0)[1]!),
  opCase("Split", "one piece", { x: normals(2, 3) }, ({ x }) => split(x, [2], 0)),
  opCase("Slice", "middle of an axis", { x: normals(2, 7, 3) }, ({ x }) => slice(x, { axis: 1, start: 2, end: 5 })),
  opCase("Slice", "negative axis and bounds", { x: normals(2, 7) }, ({ x }) => slice(x, { axis: -1, start: -3, end: -1 })),
  opCase("Slice", "to the end", { x: normals(5, 2) }, ({ x }) => slice(x, { axis: 0, start: 4 })),
  opCase("Slice", "two slices that overlap", { x: normals(5) }, ({ x }) =>
    mul(slice(x, { axis: 0, start: 0, end: 4 }), slice(x, { axis: 0, start: 1 })),
  ),
  opCase("Slice", "every second row of two axes, one left over", { x: normals(2, 7, 6) }, ({ x }) =>
    slice(x, [
      { axis: 1, start: 1, step: 2 },
      { axis: -1, start: 0, end: 5, step: 3 },
    ]),
  ),
  opCase("Pad", "unequal sides", { x: normals(2, 3) }, ({ x }) => pad(x, { before: [1, 0], after: [0, 2] })),
  opCase("Pad", "nothing", { x: normals(3) }, ({ x }) => pad(x, { before: [0], after: [0] })),
  opCase("Gather", "one row, which drops the axis", { x: normals(2, 5, 3) }, ({ x }) => gather(x, 0, 1)),
  opCase("Gather", "the last row by a negative index", { x: normals(4, 3) }, ({ x }) => gather(x, -1, 0)),
  opCase("Gather", "a list with one row twice", { x: normals(2, 5, 3) }, ({ x }) => gather(x, [3, 0, 3], -2)),
  opCase("Gather", "a list of one", { x: normals(2, 5) }, ({ x }) => gather(x, [2], 1)),
  opCase("Gather", "computed indices of two axes", { x: normals(5, 3), i: wholeNumbers([2, 4], 0, 5) }, ({ x, i }) =>
    gather(x, i, 0),
  ),
  opCase("Gather", "negative computed indices", { x: normals(2, 3), i: given("int64", [3], [-1, 0, -3]) }, ({ x, i }) =>
    gather(x, i, 1),
  ),
  opCase(
    "ScatterElements",
    "an index twice",
    { u: normals(2, 4), i: given("int64", [2, 4], [0, 2, 2, 1, -1, 0, 0, 4]) },
    ({ u, i }) => scatterSum(u, i, { shape: [2, 5], axis: 1 }),
  ),
  opCase("ScatterElements", "first axis, fewer columns", { u: normals(3, 2), i: wholeNumbers([3, 2], 0, 4) }, ({ u, i }) =>
    scatterSum(u, i, { shape: [4, 3], axis: 0 }),
  ),
  opCase("Expand", "leading and inner axes", { x: normals(3, 1) }, ({ x }) => expand(x, [2, 3, 4])),
  opCase("Expand", "a one in the wanted shape", { x: normals(2, 3) }, ({ x }) => expand(x, [4, 1, 1])),
  opCase("Expand", "a scalar", { x: normals() }, ({ x }) => expand(x, [2, 3])),
];

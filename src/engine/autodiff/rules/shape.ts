// Gradient rules of the operators that move elements: each moves the cotangents back.
import { type NdArray, ndArray, zeros } from "#base/array";
import {
  concat,
  expand,
  type GraphNode,
  graphOf,
  matMul,
  pad,
  reshape,
  scatterSum,
  slice,
  split,
  type Tensor,
  transpose,
} from "#engine/graph";
import { type GradientRule, type GradientRulesOf, type LazyCotangent, ofOneOutput, sumTo } from "../gradient-rule.ts";

/** The whole numbers of a constant operand. */
function integersOf(tensor: Tensor): readonly number[] {
  const constant = graphOf(tensor).constantOf(tensor);
  if (!constant) throw new Error(`internal: autodiff: expected "${tensor.name}" to be a constant.`);
  return Array.from(constant.data, Number);
}

function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

const reshaping = ofOneOutput((dy, { inputs }) => [() => reshape(dy, inputs[0]!.shape), undefined]);

const transposition: GradientRule<"Transpose"> = ofOneOutput((dy, { attributes: { perm } }) => [
  () =>
    transpose(
      dy,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
]);

/** The split is made once, when the first piece is asked for. */
const concatenation: GradientRule<"Concat"> = ofOneOutput((dy, { inputs, attributes: { axis } }) => {
  const sizes = inputs.map((input) => input.shape.at(axis)!);
  let pieces: readonly Tensor[] | undefined;
  return inputs.map((_, index) => () => {
    pieces ??= split(dy, sizes, axis);
    return pieces[index]!;
  });
});

/** Pieces that the loss does not depend on are zeros. */
const splitting: GradientRule<"Split"> = ({ inputs, outputs, attributes: { axis } }, cotangents) => {
  const graph = graphOf(inputs[0]!);
  const pieces = () => outputs.map((output, index) => cotangents[index] ?? graph.constant(zeros(output.dtype, output.shape)));
  return [() => concat(pieces(), axis), undefined];
};

/** The cotangent between zeros: those between rows that a step leaves out, then those before and after. */
const slicing: GradientRule<"Slice"> = ofOneOutput((dy, { inputs }) => {
  const [x, starts, , axes, steps] = inputs as readonly [Tensor, Tensor, Tensor, Tensor, Tensor?]; // Slice's rule saw to it
  const before = new Array<number>(x.shape.length).fill(0);
  const stepAlong = new Array<number>(x.shape.length).fill(1);
  for (const [index, axis] of integersOf(axes).entries()) {
    before[fromFront(axis, before.length)] = integersOf(starts)[index]!;
    if (steps) stepAlong[fromFront(axis, before.length)] = integersOf(steps)[index]!;
  }
  const toX = () => {
    const spread = stepAlong.reduce((rest, step, axis) => spreadOut(rest, axis, step, x.shape[axis]! - before[axis]!), dy);
    const after = x.shape.map((size, axis) => size - before[axis]! - spread.shape[axis]!);
    return pad(spread, { before, after });
  };
  return [toX, ...inputs.slice(1).map(() => undefined)];
});

/** Row i of `axis` at i x `step`, zeros between, no longer than `room`. */
function spreadOut(x: Tensor, axis: number, step: number, room: number): Tensor {
  if (step === 1) return x;
  const size = Math.min(x.shape[axis]! * step, room);
  // Single elements far apart are moved by a thin product sooner than by Pad.
  if (axis === x.shape.length - 1 && x.dtype === "float32")
    return matMul(x, graphOf(x).constant(spreadMatrix(x.shape[axis]!, step, size)));
  const split = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const none = split.map(() => 0);
  const padded = pad(reshape(x, split), { before: none, after: none.with(axis + 1, step - 1) });
  const merged = reshape(padded, x.shape.with(axis, x.shape[axis]! * step));
  return merged.shape[axis]! === size ? merged : slice(merged, { axis, start: 0, end: size });
}

/** [rows, columns]: row i has its one at column i x `step`. */
function spreadMatrix(rows: number, step: number, columns: number): NdArray<"float32"> {
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) data[row * columns + row * step] = 1;
  return ndArray("float32", [rows, columns], data);
}

const padding: GradientRule<"Pad"> = ofOneOutput((dy, { inputs }) => {
  const [x, padsInput] = [inputs[0]!, inputs[1]!];
  const cut = () =>
    x.shape.reduce((rest, size, axis) => {
      const start = integersOf(padsInput)[axis]!;
      return size === rest.shape[axis] ? rest : slice(rest, { axis, start, end: start + size });
    }, dy);
  return [cut, undefined];
});

/** One row taken puts its cotangent between zeros; many rows, which may repeat, are summed where they came from. */
const gathering: GradientRule<"Gather"> = ofOneOutput((dy, node) => {
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!];
  const axis = fromFront(node.attributes.axis, x.shape.length);
  const index = graphOf(x).constantOf(indices)?.data;
  return [index?.length === 1 ? () => padRow(dy, x.shape, axis, Number(index[0])) : () => scatterRows(dy, node, axis), undefined];
});

function padRow(dy: Tensor, shape: readonly number[], axis: number, index: number): Tensor {
  const size = shape[axis]!;
  const row = fromFront(index, size);
  const place = (count: number) => shape.map((_, other) => (other === axis ? count : 0));
  return pad(reshape(dy, shape.with(axis, 1)), { before: place(row), after: place(size - 1 - row) });
}

function scatterRows(dy: Tensor, { inputs }: GraphNode<"Gather">, axis: number): Tensor {
  const [x, indices] = [inputs[0]!, inputs[1]!];
  const numIndices = indices.shape.reduce((product, size) => product * size, 1);
  const rows = reshape(dy, x.shape.with(axis, numIndices));
  const column = reshape(
    indices,
    x.shape.map((_, other) => (other === axis ? numIndices : 1)),
  );
  return scatterSum(rows, expand(column, rows.shape), { shape: x.shape, axis });
}

const expansion = ofOneOutput((dy, { inputs }): readonly LazyCotangent[] => [() => sumTo(dy, inputs[0]!.shape), undefined]);

export const SHAPE_GRADIENTS: GradientRulesOf<
  "Reshape" | "Transpose" | "Concat" | "Split" | "Slice" | "Pad" | "Gather" | "ScatterElements" | "Expand"
> = {
  Reshape: reshaping,
  Transpose: transposition,
  Concat: concatenation,
  Split: splitting,
  Slice: slicing,
  Pad: padding,
  Gather: gathering,
  ScatterElements: "none",
  Expand: expansion,
};

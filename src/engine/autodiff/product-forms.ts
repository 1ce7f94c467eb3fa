// Products whose first operand is swapped: which form is taken for which shape. docs/decisions/training-step-forms.md.
import { sizeOf } from "#base/array";
import { fusedMatMul, graphOf, type OpAttributes, reshape, type Tensor, transpose } from "#engine/graph";

/** Below this many rows, columns or summands ONNX Runtime's own swapping inside the product costs no more than a copy. */
const SMALLEST_COPIED_SIDE = 64;

/**
 * alpha a' b over the last two axes: [..., K, M] x [..., K, N] -> [..., M, N]. ONNX Runtime swaps a first operand anew for every
 * panel of the second, which costs a third of a large product; so of two matrices the one that is cheaper to copy is swapped in
 * memory: a' b, or (b' a)' with the result swapped back.
 */
export function swappedProduct(a: Tensor, b: Tensor, { alpha = 1 }: { readonly alpha?: number } = {}): Tensor {
  const [numRows, numColumns] = [a.shape.at(-1)!, b.shape.at(-1)!]; // a product's operands have two axes at least
  const isPair = a.shape.length === 2 && b.shape.length === 2;
  if (!isPair || Math.min(a.shape[0]!, numRows, numColumns) < SMALLEST_COPIED_SIDE)
    return fusedMatMul(a, b, { transA: true, alpha });
  return sizeOf(a.shape) <= sizeOf(b.shape) + numRows * numColumns
    ? fusedMatMul(swapped(a), b, { alpha })
    : swapped(fusedMatMul(swapped(b), a, { alpha }));
}

/** A copy of a matrix with its axes swapped. The reshapes keep ONNX Runtime from swapping inside the product after all. */
export function swapped(x: Tensor): Tensor {
  const [rows, columns] = x.shape as readonly [number, number]; // the caller asked
  return reshape(transpose(reshape(x, [1, rows, columns]), [0, 2, 1]), [columns, rows]);
}

/** The matrix that `swapped` was made from; `undefined` for anything else. */
export function unswapped(x: Tensor): Tensor | undefined {
  const graph = graphOf(x);
  const copy = graph.producerOf(x)?.inputs[0];
  const transposition = copy && graph.producerOf(copy);
  if (transposition?.op !== "Transpose") return undefined;
  const { perm } = transposition.attributes as OpAttributes["Transpose"]; // its name was asked just above
  const original = graph.producerOf(transposition.inputs[0]!)?.inputs[0];
  const [rows, columns] = original?.shape ?? [];
  const shapes = [`${transposition.inputs[0]!.shape}`, `${x.shape}`];
  const isSwapped =
    original?.shape.length === 2 && `${perm}` === "0,2,1" && `${shapes}` === `1,${rows},${columns},${columns},${rows}`;
  return isSwapped ? original : undefined;
}

// Operators that move elements without changing them.
import { int64, zeros } from "#base/array";
import { type Graph, graphOf } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { addNode, addOne } from "./add-node.ts";
import { cast } from "./elementwise.ts";

/** An int64 vector as a constant: ONNX's form of shapes and axes. */
export function integers(graph: Graph, values: readonly number[]): Tensor {
  return graph.constant(int64([values.length], values));
}

/** The same elements in another shape. 0 keeps the size of that axis, one -1 takes what is left. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return addOne("Reshape", [x, integers(graphOf(x), shape)], {});
}

/** Axis i of the result is axis `perm[i]` of `x`. */
export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  return addOne("Transpose", [x], { perm });
}

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return addOne("Concat", tensors, { axis });
}

/** `x` cut along `axis` into pieces of these sizes, which sum to the size of the axis. */
export function split(x: Tensor, sizes: readonly number[], axis: number): readonly Tensor[] {
  return addNode("Split", [x, integers(graphOf(x), sizes)], { axis });
}

/** Every `step`-th (default 1) of the rows `start` to `end` (default: the axis's end; not included) along `axis`; negative bounds count from the back. */
export interface SliceOptions {
  readonly axis: number;
  readonly start: number;
  readonly end?: number;
  readonly step?: number;
}

/** The part of `x` that the options name: one for one axis, several for several axes at once. */
export function slice(x: Tensor, options: SliceOptions | readonly SliceOptions[]): Tensor {
  const graph = graphOf(x);
  const parts = [options].flat();
  const bounds = parts.map(({ axis, start, end }) => {
    const size = x.shape.at(axis) ?? 0; // an axis that is not there is the rule's to refuse
    const fromFront = (bound: number) => (bound < 0 ? bound + size : bound);
    return { axis, start: fromFront(start), end: fromFront(end ?? size) };
  });
  const lists = [bounds.map(({ start }) => start), bounds.map(({ end }) => end), bounds.map(({ axis }) => axis)];
  const steps = parts.map(({ step = 1 }) => step);
  if (steps.some((step) => step !== 1)) lists.push(steps);
  return addOne("Slice", [x, ...lists.map((values) => integers(graph, values))], {});
}

/** The first number of each, in float32, in a vector as long as there are tensors: it is known only when every one of them is. */
export function firstElements(tensors: readonly Tensor[]): Tensor {
  const firsts = tensors.map((tensor) => {
    const parts = tensor.shape.map((_, axis) => ({ axis, start: 0, end: 1 }));
    const first = reshape(parts.length === 0 ? tensor : slice(tensor, parts), [1]);
    return first.dtype === "float32" ? first : cast(first, "float32");
  });
  return concat(firsts, 0);
}

/** `x` with zeros added before and after each axis. */
export function pad(
  x: Tensor,
  { before, after }: { readonly before: readonly number[]; readonly after: readonly number[] },
): Tensor {
  return addOne("Pad", [x, integers(graphOf(x), [...before, ...after])], { mode: "constant" });
}

/** Rows of `x` along `axis` by index. A single number drops the axis; a list or an int64 tensor puts its own axes there. */
export function gather(x: Tensor, indices: Tensor | readonly number[] | number, axis: number): Tensor {
  return addOne("Gather", [x, indexTensor(graphOf(x), indices)], { axis });
}

function indexTensor(graph: Graph, indices: Tensor | readonly number[] | number): Tensor {
  if (typeof indices === "number") return graph.constant(int64([], [indices]));
  return "graph" in indices ? indices : integers(graph, indices);
}

/** Zeros of `shape` with `updates` added along `axis` at `indices` (int64, of the updates' shape). The gradient of `gather`. */
export function scatterSum(
  updates: Tensor,
  indices: Tensor,
  { shape, axis }: { readonly shape: readonly number[]; readonly axis: number },
): Tensor {
  const graph = graphOf(updates);
  return addOne("ScatterElements", [graph.constant(zeros(updates.dtype, shape)), indices, updates], { axis, reduction: "add" });
}

/** `x` repeated to `shape`, into which it must broadcast. */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  return addOne("Expand", [x, integers(graphOf(x), shape)], {});
}

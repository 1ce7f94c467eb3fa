// A value in the graph: its element type and shape, known while building; its axes may be named in its type.
import type { DType } from "#base/array";
import { ShapeError, shapeText } from "./shape-error.ts";

declare const axes: unique symbol;

/** A value in a graph. `Axes` names its dimensions in order, e.g. `Tensor<"B N D">`; that costs nothing at run time. */
export interface Tensor<Axes extends string = string> {
  readonly graph: GraphScope;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly [axes]?: Axes;
}

/** What a tensor knows of the graph it lives in; `Graph` is the whole. */
export interface GraphScope {
  readonly name: string;
}

type Words<Text extends string> = Text extends `${infer Head} ${infer Tail}` ? [Head, ...Words<Tail>] : [Text];

/** Check the rank once and read each size by its axis name: `const { B, N, D } = dims(x, "B N D", "attention")`. */
export function dims<Axes extends string>(
  x: Tensor,
  names: Axes,
  where: string,
): { readonly [K in Words<Axes>[number]]: number } {
  const words = names.split(" ");
  if (words.length !== x.shape.length) {
    const got = `${x.shape.length} (shape ${shapeText(x.shape)})`;
    throw new ShapeError(`${where}: expected ${words.length} ${words.length === 1 ? "axis" : "axes"} (${names}), got ${got}.`);
  }
  const sizes: Record<string, number> = {};
  for (const [index, word] of words.entries()) sizes[word] = x.shape[index]!;
  return sizes as { readonly [K in Words<Axes>[number]]: number }; // one entry a word, filled just above
}

/** Give an unnamed tensor its axes, checking the rank. The only way from `Tensor` to `Tensor<"...">`. */
export function named<Axes extends string>(x: Tensor, names: Axes, where: string): Tensor<Axes> {
  dims(x, names, where);
  return x as Tensor<Axes>; // the rank was checked; names exist only in the type
}

// What an update goes through at a time: an array, or stretches of a large one.
import { sizeOf } from "#base/array";

/** A stretch of an array's elements in the order in which they lie, from element `start` on. */
export interface UpdatePiece {
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
}

/**
 * The shape under which an array is updated: without the sizes of 1 at its end, for which ONNX Runtime's broadcasting of a scalar
 * takes ten times as long (a pointwise kernel [M, C, 1, 1]).
 */
export function updateShape(shape: readonly number[]): readonly number[] {
  const end = shape.findLastIndex((size) => size !== 1) + 1;
  return shape.slice(0, end);
}

/** An array under its `updateShape`, over the same elements. */
export function asUpdated<A extends { readonly shape: readonly number[] }>(array: A): A {
  return { ...array, shape: updateShape(array.shape) };
}

/**
 * An array cut into stretches of at most so many elements, which stay in the cache from one operator of an update to the next. One that is no
 * larger stays whole, in its `updateShape`; the others' pieces are vectors, named after it and their place: `name[0]`.
 */
export function updatePieces(
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
  mostElements: number,
): readonly UpdatePiece[] {
  const size = sizeOf(shape);
  if (size <= mostElements) return [{ name, shape: updateShape(shape), start: 0 }];
  return Array.from({ length: Math.ceil(size / mostElements) }, (_, place) => {
    const start = place * mostElements;
    return { name: `${name}[${place}]`, shape: [Math.min(mostElements, size - start)], start };
  });
}

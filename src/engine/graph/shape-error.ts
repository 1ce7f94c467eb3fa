// The error of a graph that cannot be: thrown while building, long before anything runs.

/** Shapes or element types that do not fit an operator or a layer. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** A shape as error messages and printed graphs show it: "[8, 64]". */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

// A .npy file of vectors as rows that are read by the block.
import { FileFormatError } from "#base/files";
import { openNpyRows } from "#base/files/disk";
import type { RowBlocks } from "../row-blocks.ts";

export type NpyBlocks = RowBlocks & { close(): void };

/** Opens float32 [N, D]. Throws FileError and FileFormatError. */
export function openNpyBlocks(path: string): NpyBlocks {
  const { dtype, shape, rows, close } = openNpyRows(path);
  const [numRows, numColumns] = shape;
  if (dtype !== "float32" || shape.length !== 2 || numRows === undefined || numColumns === undefined) {
    close();
    throw new FileFormatError(`${path}: expected float32 [N, D], got ${dtype} [${shape.join(", ")}].`);
  }
  return { numRows, numColumns, read: (start, count) => rows(start, count) as Float32Array, close }; // dtype checked above
}

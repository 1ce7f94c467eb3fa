// Descriptors of variable-length arrays: how many elements, and where in the heap (FITS standard 4.0, section 7.3.5).
import { FitsError } from "../fits-error.ts";
import { arrayByteLength, type ColumnFormat } from "./column-format.ts";

/** A variable-length array in the heap: bytes from the heap's start. */
export interface HeapSpan {
  readonly offset: number;
  readonly numElements: number;
  readonly byteLength: number;
}

/** The array that the descriptor at `byte` of `rows` points at. Throws FitsError where it is not within the heap. */
export function heapSpan(rows: DataView, byte: number, format: ColumnFormat, heapLength: number, where: string): HeapSpan {
  const isWide = format.descriptor === "Q";
  const numElements = isWide ? Number(rows.getBigInt64(byte)) : rows.getInt32(byte);
  const offset = isWide ? Number(rows.getBigInt64(byte + 8)) : rows.getInt32(byte + 4);
  const byteLength = arrayByteLength(format.type, numElements);
  // The place of an empty array says nothing.
  if (numElements === 0) return { offset: 0, numElements, byteLength };
  if (numElements > 0 && offset >= 0 && offset + byteLength <= heapLength) return { offset, numElements, byteLength };
  throw new FitsError(
    `${where}: expected an array within the heap of ${heapLength} bytes, got ${numElements} elements (${byteLength} bytes) from byte ${offset}. The file is damaged.`,
  );
}

// Single numbers of a binary table's rows.
import type { ElementType } from "./column-format.ts";

const READ: Readonly<Partial<Record<ElementType, (view: DataView, byte: number) => number>>> = {
  B: (view, byte) => view.getUint8(byte),
  I: (view, byte) => view.getInt16(byte),
  J: (view, byte) => view.getInt32(byte),
  K: (view, byte) => Number(view.getBigInt64(byte)),
  E: (view, byte) => view.getFloat32(byte),
  D: (view, byte) => view.getFloat64(byte),
};

/** The number of a type at a byte; undefined for types that are no numbers. */
export function numberAt(view: DataView, byte: number, type: ElementType): number | undefined {
  return READ[type]?.(view, byte);
}

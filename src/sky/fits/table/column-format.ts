// TFORMn of binary tables: how a column's cells are stored (FITS standard 4.0, section 7.3).

/** The types of a binary table's elements; P and Q are descriptors of arrays in the heap. */
export type ElementType = "L" | "X" | "B" | "I" | "J" | "K" | "A" | "E" | "D" | "C" | "M";

/** Bytes of one element; bits are counted apart. */
export const ELEMENT_LENGTH: Readonly<Record<ElementType, number>> = {
  L: 1,
  X: 1,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
};

/** How the cells of a column are stored. */
export interface ColumnFormat {
  readonly type: ElementType;
  /** Elements of a cell; of variable-length arrays 1, or 0 for a column that has none at all. */
  readonly repeat: number;
  /** Arrays in the heap: "P" with 32-bit descriptors, "Q" with 64-bit ones; undefined where elements stand in the row. */
  readonly descriptor: "P" | "Q" | undefined;
  /** Bytes of a cell in its row. */
  readonly byteLength: number;
}

/** Parse a TFORMn; undefined where it is none that the standard knows. */
export function parseColumnFormat(text: string): ColumnFormat | undefined {
  const match = /^(\d*)(?:([PQ])([LXBIJKAEDCM])|([LXBIJKAEDCM]))/.exec(text.trim().toUpperCase());
  if (!match) return undefined;
  const repeat = match[1] === "" ? 1 : Number(match[1]);
  if (!Number.isSafeInteger(repeat)) return undefined;
  const descriptor = match[2] as "P" | "Q" | undefined; // what the pattern allows
  const type = (match[3] ?? match[4]) as ElementType; // likewise
  return { type, repeat, descriptor, byteLength: byteLengthOf(type, repeat, descriptor) };
}

function byteLengthOf(type: ElementType, repeat: number, descriptor: "P" | "Q" | undefined): number {
  if (descriptor !== undefined) return repeat * (descriptor === "P" ? 8 : 16);
  return arrayByteLength(type, repeat);
}

/** Bytes of so many elements that stand one after the other. */
export function arrayByteLength(type: ElementType, count: number): number {
  return type === "X" ? Math.ceil(count / 8) : count * ELEMENT_LENGTH[type];
}

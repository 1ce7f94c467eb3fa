// Elements of a binary table to values: scaled numbers, exact 64-bit integers, text, bits (FITS standard 4.0, section 7.3.3).
import { latin1 } from "../latin1.ts";
import type { BinaryColumn } from "./binary-columns.ts";
import type { ElementType } from "./column-format.ts";
import type { ColumnData } from "./fits-table.ts";
import { numberAt } from "./number-at.ts";

/** Collects the values of a column. */
export interface ValueSink {
  /** Takes in `count` elements from byte `byte` of `view` on. */
  take(view: DataView, byte: number, count: number): void;
  data(): ColumnData;
}

/** Values that `count` elements of a column become; characters become strings. */
export function valuesOf(column: BinaryColumn, count: number): number {
  if (column.format.type === "A") return textShape(column, count).numTexts;
  return "CM".includes(column.format.type) ? 2 * count : count;
}

/** A sink for `numValues` values of a column. */
export function valueSink(column: BinaryColumn, numValues: number): ValueSink {
  const { type } = column.format;
  if (type === "A") return textSink(column);
  if (type === "L") return booleanSink();
  if (type === "X") return bitSink(numValues);
  if (type === "K" && column.scale === 1 && Number.isInteger(column.zero)) return integerSink(column);
  return numberSink(column, numValues);
}

/** Types that others are made of: complex numbers are pairs of floats. */
const PARTS: Readonly<Partial<Record<ElementType, ElementType>>> = { C: "E", M: "D" };
const PART_LENGTH: Readonly<Partial<Record<ElementType, number>>> = { B: 1, I: 2, J: 4, K: 8, E: 4, D: 8 };

function numberSink({ format, scale, zero, blank }: BinaryColumn, numValues: number): ValueSink {
  const values = new Float64Array(numValues);
  const part = PARTS[format.type];
  const type = part ?? format.type;
  const length = PART_LENGTH[type]!;
  const isInteger = "BIJK".includes(type);
  // Where nothing is scaled the sign of -0 stays.
  const isPlain = scale === 1 && zero === 0;
  // Beyond 2^53 neighbours of a blank become blanks too: such columns are integers, unless they are scaled.
  const blankNumber = isInteger && blank !== undefined ? Number(blank) : Number.NaN;
  let filled = 0;
  const take = (view: DataView, byte: number, count: number) => {
    const end = filled + (part ? 2 * count : count);
    for (let place = byte; filled < end; filled++, place += length) {
      const stored = numberAt(view, place, type)!;
      values[filled] = stored === blankNumber ? Number.NaN : isPlain ? stored : zero + scale * stored;
    }
  };
  return { take, data: () => ({ kind: part ? "complex" : "number", values }) };
}

function integerSink({ zero, blank }: BinaryColumn): ValueSink {
  const values: (bigint | null)[] = [];
  const offset = BigInt(zero);
  const take = (view: DataView, byte: number, count: number) => {
    for (let index = 0; index < count; index++) {
      const stored = view.getBigInt64(byte + 8 * index);
      values.push(stored === blank ? null : stored + offset);
    }
  };
  return { take, data: () => ({ kind: "integer", values }) };
}

function booleanSink(): ValueSink {
  const values: (boolean | null)[] = [];
  const take = (view: DataView, byte: number, count: number) => {
    for (let index = 0; index < count; index++) {
      const letter = view.getUint8(byte + index);
      values.push(letter === 0x54 ? true : letter === 0x46 ? false : null); // T, F; 0 says that there is no value
    }
  };
  return { take, data: () => ({ kind: "boolean", values }) };
}

function bitSink(numValues: number): ValueSink {
  const values = new Uint8Array(numValues);
  let filled = 0;
  const take = (view: DataView, byte: number, count: number) => {
    for (let index = 0; index < count; index++) {
      values[filled++] = (view.getUint8(byte + (index >> 3)) >> (7 - (index & 7))) & 1;
    }
  };
  return { take, data: () => ({ kind: "bit", values }) };
}

function textSink(column: BinaryColumn): ValueSink {
  const values: string[] = [];
  const take = (view: DataView, byte: number, count: number) => {
    const { numTexts, textLength } = textShape(column, count);
    for (let index = 0; index < numTexts; index++) values.push(textAt(view, byte + index * textLength, textLength));
  };
  return { take, data: () => ({ kind: "text", values }) };
}

/** A cell of characters is one string, or an array of them where TDIM says so. */
function textShape(
  { dimensions, format }: BinaryColumn,
  count: number,
): { readonly numTexts: number; readonly textLength: number } {
  if (format.descriptor !== undefined) return { numTexts: 1, textLength: count };
  if (count === 0) return { numTexts: 0, textLength: 0 };
  const [textLength = count, ...others] = dimensions ?? [];
  const numTexts = others.reduce((product, size) => product * size, 1);
  return textLength > 0 && textLength * numTexts <= count ? { numTexts, textLength } : { numTexts: 1, textLength: count };
}

/** A string ends before its first zero byte; spaces at its end do not count (as in headers). */
function textAt(view: DataView, byte: number, length: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + byte, length);
  const zero = bytes.indexOf(0);
  return latin1(zero < 0 ? bytes : bytes.subarray(0, zero)).trimEnd();
}

// Columns of a binary table as bytes: TFORM, TZERO, and each cell's big-endian values (FITS standard 4.0, section 7.3).
import { FitsError } from "../fits-error.ts";
import type { ColumnToWrite, ValuesToWrite } from "../unit-to-write.ts";

/** A column ready to be written. */
export interface StoredColumn {
  readonly name: string;
  readonly unit: string | undefined;
  /** TFORMn. */
  readonly form: string;
  /** TDIMn, where a cell holds several strings. */
  readonly dimensions: string | undefined;
  /** TZEROn. */
  readonly zero: number;
  readonly numRows: number;
  /** Bytes of a cell. */
  readonly byteLength: number;
  /** Writes the cell of a row at a byte. */
  put(row: number, view: DataView, byte: number): void;
}

/** How one value is stored. */
interface ValueForm {
  readonly letter: string;
  readonly length: number;
  readonly zero: number;
  put(index: number, view: DataView, byte: number): void;
}

/** A column as it is stored. Throws FitsError, beginning with `where`, for values that fill no whole rows and for text that is not ASCII. */
export function formatColumn(column: ColumnToWrite, where: string): StoredColumn {
  const { name, unit, values, numPerRow = 1 } = column;
  const place = `${where}: column ${name}`;
  if (!(Number.isInteger(numPerRow) && numPerRow > 0 && values.length % numPerRow === 0)) {
    throw new FitsError(`${place}: expected rows of ${numPerRow} values, got ${values.length} values.`, { file: where });
  }
  const { letter, length, zero, put } = valueForm(values, place);
  return {
    name,
    unit,
    form: letter === "A" ? `${length * numPerRow}A` : `${numPerRow}${letter}`,
    dimensions: letter === "A" && numPerRow > 1 ? `(${length},${numPerRow})` : undefined,
    zero,
    numRows: values.length / numPerRow,
    byteLength: length * numPerRow,
    put(row, view, byte) {
      for (let index = 0; index < numPerRow; index++) put(row * numPerRow + index, view, byte + index * length);
    },
  };
}

function valueForm(values: ValuesToWrite, where: string): ValueForm {
  if (ArrayBuffer.isView(values)) return numberForm(values);
  if (values.every((value) => typeof value === "string")) return texts(values as readonly string[], where); // as just asked
  const truths = values as readonly (boolean | null)[]; // the other kind of list
  const letterOf = (value: boolean | null | undefined) => (value === true ? 0x54 : value === false ? 0x46 : 0);
  return { letter: "L", length: 1, zero: 0, put: (index, view, byte) => view.setUint8(byte, letterOf(truths[index])) };
}

function numberForm(values: Extract<ValuesToWrite, ArrayBufferView>): ValueForm {
  const form = (letter: string, zero: number, put: ValueForm["put"]) => ({
    letter,
    length: values.BYTES_PER_ELEMENT,
    zero,
    put,
  });
  if (values instanceof BigInt64Array) return form("K", 0, (index, view, byte) => view.setBigInt64(byte, values[index]!));
  if (values instanceof Float64Array) return form("D", 0, (index, view, byte) => view.setFloat64(byte, values[index]!));
  if (values instanceof Float32Array) return form("E", 0, (index, view, byte) => view.setFloat32(byte, values[index]!));
  if (values instanceof Int32Array) return form("J", 0, (index, view, byte) => view.setInt32(byte, values[index]!));
  if (values instanceof Int16Array) return form("I", 0, (index, view, byte) => view.setInt16(byte, values[index]!));
  if (values instanceof Uint8Array) return form("B", 0, (index, view, byte) => view.setUint8(byte, values[index]!));
  if (values instanceof Uint16Array) {
    return form("I", 32768, (index, view, byte) => view.setInt16(byte, values[index]! - 32768));
  }
  return form("J", 2147483648, (index, view, byte) => view.setInt32(byte, values[index]! - 2147483648));
}

function texts(values: readonly string[], where: string): ValueForm {
  const strange = values.find((text) => !/^[\x20-\x7e]*$/.test(text));
  if (strange !== undefined) {
    throw new FitsError(`${where}: expected printable ASCII, got ${JSON.stringify(strange)}.`);
  }
  const length = values.reduce((longest, text) => Math.max(longest, text.length), 1);
  return {
    letter: "A",
    length,
    zero: 0,
    put(index, view, byte) {
      const text = values[index]!.padEnd(length);
      for (let place = 0; place < length; place++) view.setUint8(byte + place, text.charCodeAt(place));
    },
  };
}

// The table that holds a compressed image: which columns say what of a tile (FITS standard 4.0, section 10.1.3).
import { FitsError } from "../fits-error.ts";
import { type BinaryColumn, type BinaryLayout, binaryLayout } from "../table/binary-columns.ts";
import { type HeapSpan, heapSpan } from "../table/heap.ts";
import { numberAt } from "../table/number-at.ts";
import type { FitsUnit } from "../unit.ts";

/** Columns of tile data. */
export const DATA_COLUMNS = {
  compressed: "COMPRESSED_DATA",
  gzipped: "GZIP_COMPRESSED_DATA",
  uncompressed: "UNCOMPRESSED_DATA",
  mask: "NULL_PIXEL_MASK",
} as const;

export type DataColumn = keyof typeof DATA_COLUMNS;

/** The columns at hand; numbers that are the same for all tiles may be keywords instead. */
export interface TileTable {
  readonly layout: BinaryLayout;
  readonly data: Readonly<Record<DataColumn, BinaryColumn | undefined>>;
  readonly numbers: Readonly<
    Record<"scale" | "zero" | "blank", { readonly column: BinaryColumn | undefined; readonly keyword: number | undefined }>
  >;
}

/** Throws FitsError, beginning with `where`, for a table without tiles, and for columns of the wrong kind. */
export function tileTable(unit: FitsUnit, where: string): TileTable {
  const layout = binaryLayout(unit, where);
  const named = (name: string) => layout.columns.find((column) => column.name.toUpperCase() === name);
  const arrays = (name: string) => {
    const column = named(name);
    // Cells of no bytes (0PB) hold no array: such a column is none.
    if (column === undefined || column.format.byteLength === 0) return undefined;
    if (column.format.descriptor !== undefined) return column;
    throw new FitsError(`${where}: column ${name}: expected arrays (1PB), got cells of ${column.format.byteLength} bytes.`, {
      file: where,
    });
  };
  const data = {
    compressed: arrays(DATA_COLUMNS.compressed),
    gzipped: arrays(DATA_COLUMNS.gzipped),
    uncompressed: arrays(DATA_COLUMNS.uncompressed),
    mask: arrays(DATA_COLUMNS.mask),
  };
  if (data.compressed === undefined && data.gzipped === undefined && data.uncompressed === undefined) {
    throw new FitsError(`${where}: expected a column ${DATA_COLUMNS.compressed} of arrays in a compressed image, got none.`, {
      file: where,
    });
  }
  const number = (name: string) => ({ column: scalar(named(name), where), keyword: unit.header.number(name) });
  return { layout, data, numbers: { scale: number("ZSCALE"), zero: number("ZZERO"), blank: number("ZBLANK") } };
}

function scalar(column: BinaryColumn | undefined, where: string): BinaryColumn | undefined {
  if (
    column === undefined ||
    (column.format.descriptor === undefined && column.format.repeat === 1 && "BIJKED".includes(column.format.type))
  ) {
    return column;
  }
  throw new FitsError(
    `${where}: column ${column.name}: expected one number a row, got ${column.format.repeat}${column.format.type}.`,
    {
      file: where,
    },
  );
}

/** Where a tile's data are in the heap, and its numbers. */
export interface TileRecord {
  readonly spans: Readonly<Record<DataColumn, HeapSpan | undefined>>;
  readonly scale: number | undefined;
  readonly zero: number | undefined;
  readonly blank: number | undefined;
}

/** What the row that begins at `rowStart` of `rows` says. Throws FitsError where it points out of the heap. */
export function tileRecord({ layout, data, numbers }: TileTable, rows: DataView, rowStart: number, where: string): TileRecord {
  const span = (column: BinaryColumn | undefined) =>
    column && heapSpan(rows, rowStart + column.start, column.format, layout.heapLength, where);
  const number = (name: "scale" | "zero" | "blank") => {
    const { column, keyword } = numbers[name];
    return column ? numberAt(rows, rowStart + column.start, column.format.type) : keyword;
  };
  return {
    spans: {
      compressed: span(data.compressed),
      gzipped: span(data.gzipped),
      uncompressed: span(data.uncompressed),
      mask: span(data.mask),
    },
    scale: number("scale"),
    zero: number("zero"),
    blank: number("blank"),
  };
}

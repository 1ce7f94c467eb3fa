// Images and tables as they are written: the cards that describe their data, and where the data's types come from.
import type { Card } from "./card.ts";
import { FitsError } from "./fits-error.ts";
import { formatColumn, type StoredColumn } from "./table/format-column.ts";

/** Numbers of an image. Unsigned 16- and 32-bit and signed 8-bit integers are written with BZERO, as the standard asks (4.4.2.5). */
export type PixelsToWrite =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array;

/** An image of any number of axes. */
export interface ImageUnit {
  readonly kind: "image";
  /** Slowest axis first, as numpy: [planes, height, width]. */
  readonly shape: readonly number[];
  readonly pixels: PixelsToWrite;
  /** All but the cards that describe the data: those are written from shape and type. EXTNAME names the unit. */
  readonly cards: readonly Card[];
}

/** Values of a column: numbers and 64-bit integers, texts, or truth values with null for none. */
export type ValuesToWrite = Exclude<PixelsToWrite, Int8Array> | readonly string[] | readonly (boolean | null)[];

/** A column of a binary table. */
export interface ColumnToWrite {
  readonly name: string;
  readonly unit?: string;
  readonly values: ValuesToWrite;
  /** Values of a cell; 1 where it is not given. */
  readonly numPerRow?: number;
}

/** A binary table. */
export interface TableUnit {
  readonly kind: "table";
  readonly columns: readonly ColumnToWrite[];
  readonly cards: readonly Card[];
}

export type UnitToWrite = ImageUnit | TableUnit;

const OF_THE_DATA =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|EXTEND|BSCALE|BZERO|BLANK|TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TDIM|TNULL|TSCAL|TZERO)\d+|END)$/;

/** Throws FitsError, beginning with `where`, for a card that is written from the data. */
export function requireOwnCards(cards: readonly Card[], where: string): void {
  const own = cards.find((card) => OF_THE_DATA.test(card.keyword));
  if (own) throw new FitsError(`${where}: the card ${own.keyword} is written from the data. Leave it out.`, { file: where });
}

interface StoredType {
  readonly bitpix: number;
  readonly comment: string;
  readonly zero: number;
}

const TYPES: readonly (readonly [type: abstract new (...args: never) => PixelsToWrite, stored: StoredType])[] = [
  [Float32Array, { bitpix: -32, comment: "32-bit floating point", zero: 0 }],
  [Float64Array, { bitpix: -64, comment: "64-bit floating point", zero: 0 }],
  [Uint8Array, { bitpix: 8, comment: "8-bit unsigned integers", zero: 0 }],
  [Int8Array, { bitpix: 8, comment: "8-bit integers", zero: -128 }],
  [Int16Array, { bitpix: 16, comment: "16-bit integers", zero: 0 }],
  [Uint16Array, { bitpix: 16, comment: "16-bit integers", zero: 32768 }],
  [Int32Array, { bitpix: 32, comment: "32-bit integers", zero: 0 }],
  [Uint32Array, { bitpix: 32, comment: "32-bit integers", zero: 2147483648 }],
  [BigInt64Array, { bitpix: 64, comment: "64-bit integers", zero: 0 }],
];

/** How numbers are stored: BITPIX, and BZERO where it is not 0. */
export function storedType(numbers: PixelsToWrite): StoredType {
  return TYPES.find(([type]) => numbers instanceof type)![1];
}

/** A unit's first card: what tells a primary header from an extension. */
function firstCard(place: "primary" | "extension", kind: "IMAGE" | "BINTABLE"): Card {
  if (place === "primary") return { keyword: "SIMPLE", value: true, comment: "conforms to the FITS standard" };
  return { keyword: "XTENSION", value: kind, comment: kind === "IMAGE" ? "image extension" : "binary table" };
}

const axisCards = (axes: readonly number[]): readonly Card[] => [
  { keyword: "NAXIS", value: axes.length },
  ...axes.map((value, index) => ({ keyword: `NAXIS${index + 1}`, value })),
];

const NO_GROUPS: readonly Card[] = [
  { keyword: "PCOUNT", value: 0 },
  { keyword: "GCOUNT", value: 1 },
];

/** All cards of an image. Throws FitsError where the number of pixels is not the product of the shape, or a card describes the data. */
export function imageCards({ shape, pixels, cards }: ImageUnit, place: "primary" | "extension", where: string): readonly Card[] {
  const numPixels = shape.reduce((product, size) => product * size, 1);
  if (pixels.length !== numPixels) {
    throw new FitsError(`${where}: expected ${numPixels} pixels for ${shape.join(" x ")}, got ${pixels.length}.`, {
      file: where,
    });
  }
  requireOwnCards(cards, where);
  const { bitpix, comment, zero } = storedType(pixels);
  return [
    firstCard(place, "IMAGE"),
    { keyword: "BITPIX", value: bitpix, comment },
    ...axisCards(shape.toReversed()),
    ...(place === "extension" ? NO_GROUPS : []),
    ...(zero === 0
      ? []
      : [
          { keyword: "BSCALE", value: 1 },
          { keyword: "BZERO", value: zero },
        ]),
    ...cards,
  ];
}

/** A table's cards and its columns as they are stored. Throws FitsError for columns of different lengths and for a card that describes the data. */
export function tableParts(
  { columns, cards }: TableUnit,
  where: string,
): { readonly cards: readonly Card[]; readonly columns: readonly StoredColumn[]; readonly numRows: number } {
  requireOwnCards(cards, where);
  const stored = columns.map((column) => formatColumn(column, where));
  const numRows = stored[0]?.numRows ?? 0;
  const other = stored.find((column) => column.numRows !== numRows);
  if (other) {
    throw new FitsError(
      `${where}: column ${other.name}: expected ${numRows} rows as in ${stored[0]!.name}, got ${other.numRows}.`,
      {
        file: where,
      },
    );
  }
  const rowLength = stored.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    numRows,
    columns: stored,
    cards: [
      firstCard("extension", "BINTABLE"),
      { keyword: "BITPIX", value: 8 },
      ...axisCards([rowLength, numRows]),
      ...NO_GROUPS,
      { keyword: "TFIELDS", value: stored.length },
      ...stored.flatMap((column, index) => columnCards(column, index + 1)),
      ...cards,
    ],
  };
}

function columnCards({ name, unit, form, dimensions, zero }: StoredColumn, number: number): readonly Card[] {
  return [
    { keyword: `TTYPE${number}`, value: name },
    { keyword: `TFORM${number}`, value: form },
    ...(dimensions === undefined ? [] : [{ keyword: `TDIM${number}`, value: dimensions }]),
    ...(unit === undefined ? [] : [{ keyword: `TUNIT${number}`, value: unit }]),
    ...(zero === 0
      ? []
      : [
          { keyword: `TSCAL${number}`, value: 1 },
          { keyword: `TZERO${number}`, value: zero },
        ]),
  ];
}

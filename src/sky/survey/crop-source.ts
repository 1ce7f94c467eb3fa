// The sources that crops show, as the rows of sources.parquet: with their boxes, and which crop owns each.
import { type ParquetColumn, type ParquetTable, type ParquetType, parquetColumn } from "#base/files";
import type { CocoBox, Source } from "#sky/catalogue";
import type { ShownSource } from "./source-ledger.ts";
import type { CropPlace } from "./tiling.ts";

/** A source in a crop, or a box that the makers of a set of pictures drew. */
export interface CropSource {
  /** The crop that shows it. */
  readonly crop: string;
  /** Its id in the catalogue. */
  readonly source: string | null;
  /** Class of a box that was drawn; "source" for catalogued sources. */
  readonly category: string;
  readonly raDeg: number | null;
  readonly decDeg: number | null;
  /** Pixels of the crop without its margin, (0, 0) the centre of the first: where the source, or the box's middle, lies. */
  readonly x: number;
  readonly y: number;
  /** The box, cut off at the crop's edges: left, top (first row), width, height, from the first pixel's corner, as in COCO. */
  readonly boxX: number;
  readonly boxY: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  readonly fluxJy: number | null;
  readonly peakFluxJyPerBeam: number | null;
  readonly majorDeg: number | null;
  readonly minorDeg: number | null;
  readonly positionAngleDeg: number | null;
  /** Whether this crop counts it: every source is owned once, however many crops show it. */
  readonly isOwner: boolean;
}

const COLUMN_TYPES = {
  crop: "string",
  source: "string",
  category: "string",
  raDeg: "double",
  decDeg: "double",
  x: "double",
  y: "double",
  boxX: "double",
  boxY: "double",
  boxWidth: "double",
  boxHeight: "double",
  fluxJy: "double",
  peakFluxJyPerBeam: "double",
  majorDeg: "double",
  minorDeg: "double",
  positionAngleDeg: "double",
  isOwner: "boolean",
} as const satisfies Readonly<Record<keyof CropSource, ParquetType>>;

const NAMES = Object.keys(COLUMN_TYPES) as (keyof CropSource)[]; // Object.keys forgets the keys' type

/** The columns of sources.parquet. */
export function cropSourceColumns(sources: readonly CropSource[]): ParquetColumn[] {
  // COLUMN_TYPES ties each name to the type of its cells
  return NAMES.map((name) => ({ name, type: COLUMN_TYPES[name], values: sources.map((one) => one[name]) }) as ParquetColumn);
}

/** The rows of sources.parquet. Throws FileFormatError for a missing column. */
export function cropSources(table: ParquetTable, where: string): CropSource[] {
  const columns = NAMES.map((name) => [name, parquetColumn(table, name, COLUMN_TYPES[name], where)] as const);
  return columns[0]![1].map(
    (_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row]])) as unknown as CropSource, // types checked above
  );
}

/** A catalogued source in a crop of `cropSize` pixels. */
export function cropSourceOf(shown: ShownSource, crop: string, source: Source, cropSize: number): CropSource {
  const { x, y, reachX, reachY, isOwner } = shown;
  // A pixel reaches half a pixel round its centre, and boxes count from the first pixel's corner.
  const clip = (value: number) => Math.min(cropSize, Math.max(0, value + 0.5));
  const left = clip(x - reachX);
  const top = clip(y - reachY);
  // One literal, named key by key: tens of thousands are made, and spreads of parts make each a slow object.
  return {
    crop,
    source: source.id,
    category: "source",
    raDeg: source.raDeg,
    decDeg: source.decDeg,
    x,
    y,
    boxX: left,
    boxY: top,
    boxWidth: clip(x + reachX) - left,
    boxHeight: clip(y + reachY) - top,
    fluxJy: source.fluxJy,
    peakFluxJyPerBeam: source.peakFluxJyPerBeam,
    majorDeg: source.majorDeg,
    minorDeg: source.minorDeg,
    positionAngleDeg: source.positionAngleDeg,
    isOwner,
  };
}

/**
 * A box that was drawn round something in a picture, in a crop of `cropSize` pixels that begins at row y0 and column x0 of it. Undefined
 * where the crop does not hold the box's middle: as with catalogued sources, the crop does not show it then.
 */
export function cropSourceOfBox(
  crop: string,
  { category, box: [left, top, width, height] }: CocoBox,
  { y0, x0, cropSize }: CropPlace & { readonly cropSize: number },
): CropSource | undefined {
  const [middleX, middleY] = [left + width / 2 - x0, top + height / 2 - y0];
  if (!(middleX >= 0 && middleX <= cropSize && middleY >= 0 && middleY <= cropSize)) return undefined;
  const [boxX, boxWidth] = clippedSpan(left - x0, width, cropSize);
  const [boxY, boxHeight] = clippedSpan(top - y0, height, cropSize);
  return {
    ...{ crop, source: null, category, raDeg: null, decDeg: null },
    ...{ x: middleX - 0.5, y: middleY - 0.5, boxX, boxY, boxWidth, boxHeight },
    ...{ fluxJy: null, peakFluxJyPerBeam: null, majorDeg: null, minorDeg: null, positionAngleDeg: null, isOwner: true },
  };
}

/** The part of a span between 0 and `end`. One that lies inside keeps its length, to the bit. */
function clippedSpan(start: number, length: number, end: number): readonly [start: number, length: number] {
  if (start >= 0 && start + length <= end) return [start, length];
  const from = Math.max(0, start);
  return [from, Math.min(end, start + length) - from];
}

// What a search found: lines for a person, catalogues, regions, a gallery.
import { ConfigError } from "#base/config";
import type { ParquetColumn } from "#base/files";
import { writeFileAtomically } from "#base/files/disk";
import { cropInput } from "#learn/embeddings";
import { writeTable } from "#learn/embeddings/disk";
import { cropGallerySvg, type GalleryCrop } from "#report";
import { type CropRecord, type CropSet, cropColumns, formatCropRegions } from "#sky/survey";
import { FIGURE_ENDINGS, isFigure, writeFigure } from "../figure-file.ts";
import { UsageError } from "../usage-error.ts";
import type { Query } from "./query.ts";

export interface Found {
  readonly rank: number;
  readonly distance: number;
  readonly record: CropRecord;
}

/** Which search it was. */
export interface SearchHead {
  readonly backbone: string;
  readonly cropSetName: string;
  readonly dataHash: string;
  readonly like: string;
  readonly metric: string;
}

const ENDINGS = [".csv", ".vot", ".parquet", ".reg", ".json", ...FIGURE_ENDINGS];

/** Told before the work, not after. Throws UsageError. */
export function checkOutputs(paths: readonly string[], cropSet: CropSet | undefined): void {
  for (const path of paths) {
    if (!ENDINGS.some((ending) => path.toLowerCase().endsWith(ending)))
      throw new UsageError(`search: --out ${path}: expected a name that ends in ${ENDINGS.join(", ")}.`);
    if (isFigure(path) && cropSet === undefined)
      throw new UsageError(`search: --out ${path}: a file of embeddings has no pictures. Give the crop set, with --embeddings.`);
  }
}

export function foundLines({ like, cropSetName, backbone, metric }: SearchHead, results: readonly Found[]): string[] {
  const width = results.reduce((most, { record }) => Math.max(most, record.id.length), 0);
  const angle = (value: number | null) => (value === null ? "-" : value.toFixed(5)).padStart(10);
  return [
    `The ${results.length} crops of ${cropSetName} most like ${like}, by ${backbone} and ${metric} distance:`,
    `rank  ${"crop".padEnd(width)}  distance  ${"RA".padStart(10)}  ${"Dec".padStart(10)}  field`,
    ...results.map(({ rank, distance, record: { id, raDeg, decDeg, field } }) =>
      [String(rank).padStart(4), id.padEnd(width), distance.toFixed(6), angle(raDeg), angle(decDeg), field].join("  "),
    ),
  ];
}

/** Writes one file by its ending. Throws ConfigError for regions of crops without positions, FileError. */
export async function writeFound(
  path: string,
  found: {
    readonly head: SearchHead;
    readonly results: readonly Found[];
    readonly query: Query;
    readonly cropSet: CropSet | undefined;
  },
): Promise<void> {
  const { head, results } = found;
  const lower = path.toLowerCase();
  const write = (text: string) => writeFileAtomically(path, new TextEncoder().encode(text));
  if (isFigure(path)) writeFigure(path, gallery(found));
  else if (lower.endsWith(".reg")) write(regions(path, results));
  else if (lower.endsWith(".json")) write(`${JSON.stringify({ ...head, results }, null, 2)}\n`);
  else writeTable(path, columnsOf(results), { metadata: { search: JSON.stringify(head) } });
}

function regions(path: string, results: readonly Found[]): string {
  const records = results.map(({ record }) => record);
  if (records.every(({ raDeg, cornersRaDeg }) => raDeg === null && cornersRaDeg === null))
    throw new ConfigError(`search: --out ${path}: expected crops with positions, got none. Write .csv.`);
  return formatCropRegions(records, ({ id }, index) => `${results[index]!.rank} ${id}`);
}

function columnsOf(results: readonly Found[]): ParquetColumn[] {
  return [
    { name: "rank", type: "int32", values: results.map(({ rank }) => rank) },
    { name: "distance", type: "double", values: results.map(({ distance }) => distance) },
    ...cropColumns(results.map(({ record }) => record)),
  ];
}

/** What was asked for first, then what was found. */
function gallery({ head, results, query, cropSet }: Parameters<typeof writeFound>[1]): string {
  const set = cropSet!; // checkOutputs has asked
  const places = new Map(set.records.map(({ id }, place) => [id, place]));
  const tile = (from: CropSet, place: number, title: string, subtitle: string): GalleryCrop => {
    const { cropSize } = from.info;
    const pixels = cropInput(from, place, cropSize);
    return { height: cropSize, width: cropSize, pixels, title, subtitle: shortened(subtitle), sources: [] };
  };
  const placeOf = (id: string) => {
    const place = places.get(id);
    if (place !== undefined) return place;
    throw new ConfigError(`search: expected crop "${id}" of the embeddings in the crop set, got none. Embed this set.`);
  };
  const asked = query.picture ? tile(query.picture, 0, "like", head.like) : tile(set, placeOf(head.like), "like", head.like);
  const found = results.map(({ rank, distance, record: { id } }) =>
    tile(set, placeOf(id), `${rank}: ${distance.toPrecision(3)}`, id),
  );
  return cropGallerySvg(`${head.like} and the ${results.length} crops of ${head.cropSetName} most like it`, [asked, ...found]);
}

/** What fits under a tile. */
const shortened = (text: string) => (text.length > 28 ? `…${text.slice(-27)}` : text);

// A crop set as the report shows it: a few crops, one of each quality flag, and one field under several scalings.
import { contrastStretch } from "#base/image";
import { cropInput } from "#learn/embeddings";
import type { GalleryCrop, ReportCropSet, ReportScaling } from "#report";
import { type CropRecord, type CropSet, type CropSource, cropImage, fluxInspection, scalingHistograms } from "#sky/survey";
import { openCropSet, readCropSources } from "#sky/survey/disk";
import { counted } from "../terminal.ts";

const NUM_SAMPLES = 4;

/** Pixels a side of a crop in a page: larger ones only make the page heavier. */
const SHOWN_SIZE = 256;

/** Exponent of the power law of Figure 4 (paper section 2.4). */
const POWER_LAW_EXPONENT = 0.5;

/** Crops whose pixels histograms count: all of a pointing's; those of a mosaic would take more memory than there is. */
const MOST_COUNTED_CROPS = 256;

/** What a report shows of a crop set, and what tells that a run or a result is about it. */
export interface CropSetInput {
  readonly shown: Omit<ReportCropSet, "isTrainedOn" | "isEvaluated">;
  readonly sha256: string;
}

/** Reads a crop set and closes it. Throws as `openCropSet` does. */
export async function cropSetInput(folder: string): Promise<CropSetInput> {
  const cropSet = await openCropSet(folder);
  try {
    const { info, records, sha256 } = cropSet;
    const sources = (await readCropSources(folder)) ?? [];
    const show = (row: number, title?: string) => galleryCrop(cropSet, row, sources, title);
    const flags = [...new Set(records.flatMap(({ dataQualityFlag: flag }) => (flag === null ? [] : [flag])))].toSorted();
    const shown = {
      name: info.name,
      ...(info.collection === undefined ? {} : { collection: info.collection }),
      numCrops: records.length,
      cropSize: info.cropSize,
      surveys: [...new Set(records.flatMap(({ survey }) => survey ?? []))].toSorted(),
      numFields: new Set(records.map(({ field }) => field)).size,
      samples: spread(records.length, NUM_SAMPLES).map((row) => show(row)),
      byFlag: flags.map((flag) => show(middleOf(rowsWith(records, (record) => record.dataQualityFlag === flag)), `flag ${flag}`)),
      scaling: info.fluxUnit === "Jy/beam" ? scalingOf(cropSet) : undefined,
    };
    return { shown, sha256 };
  } finally {
    cropSet.close();
  }
}

/** So many rows, evenly from the middle of the first part to that of the last. */
function spread(numRows: number, number: number): readonly number[] {
  const places = Array.from({ length: number }, (_, step) => Math.floor(((step + 0.5) * numRows) / number));
  return [...new Set(places)].filter((row) => row < numRows);
}

function rowsWith(records: readonly CropRecord[], isWanted: (record: CropRecord) => boolean): readonly number[] {
  return records.flatMap((record, row) => (isWanted(record) ? [row] : []));
}

function middleOf(rows: readonly number[]): number {
  return rows[Math.floor(rows.length / 2)]!; // only asked of flags that a crop has
}

function galleryCrop(cropSet: CropSet, row: number, sources: readonly CropSource[], title?: string): GalleryCrop {
  const { cropSize } = cropSet.info;
  const record = cropSet.records[row]!; // rows of this set
  const size = Math.min(cropSize, SHOWN_SIZE);
  const scale = size / cropSize;
  return {
    height: size,
    width: size,
    pixels: cropInput(cropSet, row, size),
    title: title ?? titleText(record),
    subtitle: record.field,
    sources: sources
      .filter(({ crop, category }) => crop === record.id && category === "source")
      .map(({ x, y }) => ({ x: (x + 0.5) * scale - 0.5, y: (y + 0.5) * scale - 0.5 })),
  };
}

function titleText(record: CropRecord): string {
  const { label, sourceCount, islandCount, id, y0, x0 } = record;
  const place = y0 === null || x0 === null ? "" : `, y ${y0}, x ${x0}`;
  if (label !== null) return `${label}${place}`;
  if (sourceCount !== null) return `${counted(sourceCount, "source")}${place}`;
  return islandCount === null ? id : counted(islandCount, "island");
}

/** The first field of several crops with places; undefined where there is none, or its pixels do not differ. */
function scalingOf(cropSet: CropSet): ReportScaling | undefined {
  const { records, info } = cropSet;
  const numOf = new Map<string, number>();
  for (const { field: name } of records) numOf.set(name, (numOf.get(name) ?? 0) + 1);
  const field = records.find(({ y0, field: name }) => y0 !== null && numOf.get(name)! > 1)?.field;
  if (field === undefined) return undefined;
  const rows = rowsWith(records, (record) => record.field === field);
  const looked = spread(rows.length, Math.min(rows.length, MOST_COUNTED_CROPS)).map((place) => rows[place]!);
  const pixels = joined(looked.map((row) => cropImage(cropSet, row).pixels));
  const { lowPercentile, highPercentile } = info;
  const flux = fluxInspection(pixels, { lowPercentile, highPercentile });
  const { lowFlux, highFlux } = flux.contrastStretch;
  if (!(lowFlux < highFlux && flux.zscale.lowFlux < flux.zscale.highFlux)) return undefined;
  const byDistance = fromMiddleOutwards(records, rows);
  const [centre, edge] = [byDistance[0]!, byDistance.at(-1)!];
  return {
    field,
    numCrops: rows.length,
    numCounted: looked.length,
    crops: [
      byField(cropSet, centre, "centre, field's limits"),
      byField(cropSet, edge, "edge, field's limits"),
      ...byItself(cropSet, centre, "centre, its own range"),
      ...byItself(cropSet, edge, "edge, its own range"),
    ],
    histograms: scalingHistograms(pixels, flux, POWER_LAW_EXPONENT).map(({ description, counts }) => ({
      title: description,
      counts,
    })),
  };
}

/** Rows in the order of their distance from the middle of their field's crops. */
function fromMiddleOutwards(records: readonly CropRecord[], rows: readonly number[]): readonly number[] {
  const places = rows.map((row) => ({ row, y: records[row]!.y0 ?? 0, x: records[row]!.x0 ?? 0 })); // rows of these records
  const meanOf = (axis: "y" | "x") => places.reduce((sum, place) => sum + place[axis], 0) / places.length;
  const [middleY, middleX] = [meanOf("y"), meanOf("x")];
  const squared = ({ y, x }: (typeof places)[number]) => (y - middleY) ** 2 + (x - middleX) ** 2;
  return places.toSorted((a, b) => squared(a) - squared(b)).map(({ row }) => row);
}

function byField(cropSet: CropSet, row: number, title: string): GalleryCrop {
  return { ...galleryCrop(cropSet, row, []), title };
}

/** None of a crop that is all one value, as at the blank edge of a mosaic: it has no range. */
function byItself(cropSet: CropSet, row: number, title: string): GalleryCrop[] {
  const image = cropImage(cropSet, row);
  const [lowFlux, highFlux] = [least(image.pixels), -least(image.pixels.map((value) => -value))];
  if (!(lowFlux < highFlux)) return [];
  const stretched = contrastStretch(image, { lowFlux, highFlux });
  return [{ ...galleryCrop(cropSet, row, []), ...stretched, title }];
}

function least(values: Float32Array): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

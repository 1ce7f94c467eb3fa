// Crops to show in the demo's report, with their catalogued sources.
import { cropInput } from "#learn/embeddings";
import type { GalleryCrop } from "#report";
import type { Source } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import { readFieldImage } from "#sky/fits/disk";
import type { CropRecord, CropSet } from "#sky/survey";

/** Indices of `number` crops with a count, evenly spread from the emptiest to the fullest. */
export function spreadByCount(records: readonly CropRecord[], number: number): readonly number[] {
  const counted = records.flatMap(({ sourceCount }, index) => (sourceCount === null ? [] : [{ index, sourceCount }]));
  const sorted = counted.toSorted((a, b) => a.sourceCount - b.sourceCount);
  const last = sorted.length - 1;
  const places = Array.from({ length: number }, (_, step) => Math.round((step * last) / Math.max(number - 1, 1)));
  return [...new Set(places)].map((place) => sorted[place]!.index);
}

/** Crops as the gallery draws them. `images` are the files of the crop set's fields. */
export function galleryCrops(
  cropSet: CropSet,
  indices: readonly number[],
  { images, sources }: { readonly images: ReadonlyMap<string, string>; readonly sources: readonly Source[] },
): readonly GalleryCrop[] {
  const worlds = new Map<string, Wcs>();
  return indices.map((index) => {
    const record = cropSet.records[index]!;
    const wcs = worlds.get(record.field) ?? readFieldImage(images.get(record.field)!).wcs!; // the simulator writes both
    worlds.set(record.field, wcs);
    const { cropSize } = cropSet.info;
    const inField = sources.filter(({ field }) => field === record.field);
    return {
      height: cropSize,
      width: cropSize,
      pixels: cropInput(cropSet, index, cropSize),
      title: record.sourceCount === 1 ? "1 source" : `${record.sourceCount} sources`,
      subtitle: `${record.field}, y ${record.y0}, x ${record.x0}`,
      sources: inField.flatMap((source) => placeInCrop(source, wcs, record, cropSize) ?? []),
    };
  });
}

/** A source's pixel in the crop, or undefined where it lies outside. */
function placeInCrop({ raDeg, decDeg }: Source, wcs: Wcs, { y0, x0 }: CropRecord, cropSize: number) {
  const pixel = wcs.skyToPixel(raDeg, decDeg);
  if (pixel === undefined || y0 === null || x0 === null) return undefined;
  const place = { x: pixel.x - x0, y: pixel.y - y0 };
  const isInside = (value: number) => value >= -0.5 && value < cropSize - 0.5;
  return isInside(place.x) && isInside(place.y) ? place : undefined;
}

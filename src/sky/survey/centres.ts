// Crops cut at positions: of anyone's catalogue, or of a labelled list.
import type { Source } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import type { CropRecord } from "./crop-set.ts";
import { fieldFinder } from "./field-names.ts";
import type { CropPlace } from "./tiling.ts";

/** A position to cut at. */
export interface Centre {
  /** Goes into the crop's id: unique among the centres. */
  readonly name: string;
  readonly raDeg: number;
  readonly decDeg: number;
  /** The one field to cut it from; null: every field that shows it. */
  readonly field: string | null;
  /** What is known of the crop beforehand: its label. */
  readonly known?: Partial<CropRecord>;
}

/** A crop round a centre. */
export interface CentredPlace extends CropPlace {
  readonly centre: Centre;
}

/** Where the crops of one field lie. */
export interface CentredPlaces {
  readonly places: readonly CentredPlace[];
  /** Centres inside the field whose crops would leave it. */
  readonly beyondEdge: number;
}

/** Sources as centres, by their ids where each has its own, else by their number, counted from 0. Fields in the spelling of `fieldNames`. */
export function centresOf(sources: readonly Source[], fieldNames: readonly string[]): readonly Centre[] {
  const ids = new Set(sources.map(({ id }) => id));
  const hasIds = ids.size === sources.length && !ids.has(null);
  const find = fieldFinder(fieldNames);
  const isNamed = sources.some(({ field }) => field !== null && find(field) !== undefined);
  return sources.map(({ id, raDeg, decDeg, field }, index) => ({
    name: hasIds ? id! : String(index), // hasIds: none is null
    raDeg,
    decDeg,
    field: isNamed && field !== null ? (find(field) ?? field) : null,
  }));
}

/** The crops of a field round the centres inside it: whole pixels, the centre in the middle one, or of an even size half a pixel off. */
export function centredPlaces(
  field: { readonly name: string; readonly height: number; readonly width: number; readonly wcs: Wcs },
  centres: readonly Centre[],
  cropSize: number,
): CentredPlaces {
  const { height, width, wcs } = field;
  const places: CentredPlace[] = [];
  let beyondEdge = 0;
  for (const centre of centres) {
    if (centre.field !== null && centre.field !== field.name) continue;
    const pixel = wcs.skyToPixel(centre.raDeg, centre.decDeg);
    if (!pixel || pixel.x < -0.5 || pixel.y < -0.5 || pixel.x >= width - 0.5 || pixel.y >= height - 0.5) continue;
    const first = (middle: number) => Math.round(middle - (cropSize - 1) / 2);
    const place = { y0: first(pixel.y), x0: first(pixel.x) };
    const isWhole = place.y0 >= 0 && place.x0 >= 0 && place.y0 + cropSize <= height && place.x0 + cropSize <= width;
    if (isWhole) places.push({ ...place, centre });
    else beyondEdge += 1;
  }
  return { places, beyondEdge };
}

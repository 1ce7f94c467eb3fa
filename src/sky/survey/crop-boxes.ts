// The sources of a crop set as COCO boxes: what a detector is trained on, or judged by.
import type { CocoBox, CocoImage } from "#sky/catalogue";
import type { CropRecord, CropSet } from "./crop-set.ts";
import type { CropSource } from "./crop-source.ts";
import { chosenCrops, isKept, type SourceSelection } from "./source-selection.ts";

/** The crops of a selection as COCO images. `rowOf` is each one's row in crops.npy. */
export interface CropBoxes {
  readonly images: readonly CocoImage[];
  readonly rows: readonly number[];
  readonly numBoxes: number;
  /** Crops that the catalogue does not cover: without boxes they would teach that they are empty. They are left out. */
  readonly numUncovered: number;
}

/**
 * One image for each crop, with the boxes of its sources. Boxes are [x, y, width, height] of the crop without its margin, from the corner of
 * its first pixel: x to the right, y in the order of the rows of crops.npy. That is the FITS image's own order, so y grows to the north in
 * most fields, where DS9 shows it growing upwards and a PNG viewer downwards.
 * Throws Error for a split that no crop is of.
 */
export function cropBoxes(
  { info, records }: Pick<CropSet, "info" | "records">,
  sources: readonly CropSource[],
  selection: SourceSelection = {},
): CropBoxes {
  const chosen = chosenCrops({ info, records }, selection);
  const covered = chosen.filter(({ record }) => info.catalogue === null || record.sourceCount !== null);
  const boxesOf = new Map<string, CocoBox[]>(covered.map(({ record }) => [record.id, []]));
  for (const source of sources) if (isKept(source, selection)) boxesOf.get(source.crop)?.push(cocoBoxOf(source));
  const nameOf = pictureNames();
  const images = covered.map(({ record, row }) => ({
    file: nameOf(record.id),
    height: info.cropSize,
    width: info.cropSize,
    boxes: boxesOf.get(record.id)!, // each of them has its list
    more: aboutCrop(record, row),
  }));
  return {
    images,
    rows: covered.map(({ row }) => row),
    numBoxes: images.reduce((sum, { boxes }) => sum + boxes.length, 0),
    numUncovered: chosen.length - covered.length,
  };
}

function aboutCrop({ id, field, split, catalogueCoverage, raDeg, decDeg }: CropRecord, row: number): CocoImage["more"] {
  return { crop: id, row, field, split, ra_deg: raDeg, dec_deg: decDeg, catalogue_coverage: catalogueCoverage };
}

/** A source as the box of its crop; what else is known stands beside it, under the names of `formatCatalogueCsv`. */
function cocoBoxOf(one: CropSource): CocoBox {
  return {
    category: one.category,
    box: [one.boxX, one.boxY, one.boxWidth, one.boxHeight],
    more: {
      source: one.source,
      ra_deg: one.raDeg,
      dec_deg: one.decDeg,
      total_flux_jy: one.fluxJy,
      peak_flux_jy_per_beam: one.peakFluxJyPerBeam,
      x: one.x,
      y: one.y,
      is_owner: one.isOwner,
    },
  };
}

/** Names for PNG files of crops: their ids, without what a file system refuses, each its own. Folders in an id stay folders. */
function pictureNames(): (id: string) => string {
  const taken = new Set<string>();
  return (id) => {
    const parts = id.split("/").map((part) => part.replaceAll(/[\\:*?"<>|\p{Cc}]/gu, "_").replace(/^\.+|[. ]+$/g, "_"));
    const plain = parts.filter((part) => part !== "").join("/") || "_";
    let name = plain;
    // File systems that do not tell capitals from small letters would write one over the other.
    for (let copy = 2; taken.has(name.toLowerCase()); copy++) name = `${plain}-${copy}`;
    taken.add(name.toLowerCase());
    return `${name}.png`;
  };
}

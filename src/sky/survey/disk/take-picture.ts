// One picture to a crop: cut from its middle, measured, described.
import { basename } from "node:path";
import type { Image } from "#base/image";
import type { CocoBox } from "#sky/catalogue";
import type { Wcs } from "#sky/fits";
import { type CropRecord, type FieldRecord, NO_BEAM, UNKNOWN_CROP } from "../crop-set.ts";
import { cropSky } from "../crop-sky.ts";
import { type CropSource, cropSourceOfBox } from "../crop-source.ts";
import { cropCutter } from "../cut-crop.ts";
import { fieldStatistics, type PercentileRange } from "../field-statistics.ts";
import type { CropPlace } from "../tiling.ts";

/** A picture as it is read. */
export interface ReadPicture {
  readonly image: Image;
  readonly sha256: string;
  /** Found in its header, if any: the rest is null. */
  readonly field?: Partial<Pick<FieldRecord, "pixelScaleDeg" | "beamMajorDeg" | "beamMinorDeg" | "beamPositionAngleDeg">>;
  /** What only the file itself tells of the crop; the crop's place on the sky is found by `wcs`. */
  readonly known?: Partial<CropRecord>;
  readonly wcs?: Wcs;
  /** Left out where values have no unit of flux. */
  readonly fluxUnit?: string;
  /** The largest value that its kind of file holds: white, where there is no flux. */
  readonly whiteValue?: number;
}

/** A picture to come. It is read when its turn has come, and let go. */
export interface LabelledPicture {
  /** Unique in the set: the crop's id. */
  readonly id: string;
  /** Its file, as messages name it. */
  readonly file: string;
  readonly known: Partial<CropRecord>;
  readonly boxes?: readonly CocoBox[];
  read(): ReadPicture;
}

/** How a picture becomes a crop of `cropSize` pixels. */
export interface TakeSettings extends PercentileRange {
  readonly cropSize: number;
  /** Whether larger pictures are cut; else all have to be of this size. */
  readonly isCut: boolean;
  /** See PictureSetOptions. */
  readonly maxNanFraction: number;
}

/** What is known of a picture that has become a crop. */
export interface TakenPicture {
  readonly record: CropRecord;
  readonly field: FieldRecord;
  readonly fluxUnit: string;
  readonly sources: readonly CropSource[];
  readonly isBlank: boolean;
}

/** Makes of a picture the crop's pixels, which it appends, and what is known of it; undefined, and nothing appended, for too much NaN. */
export type TakePicture = (picture: LabelledPicture, append: (pixels: Float32Array) => void) => TakenPicture | undefined;

/** Makes the rule. It throws an Error that names the picture for one of another size. */
export function pictureTaker(settings: TakeSettings): TakePicture {
  const { cropSize, maxNanFraction } = settings;
  const cut = cropCutter({ cropSize, margin: 0, maxNanFraction });
  return (picture, append) => {
    const read = picture.read();
    const place = placeIn(read.image, picture.file, settings);
    const crop = cut(read.image, place);
    if (crop === undefined) return undefined;
    append(crop.pixels);
    const sky = read.wcs === undefined ? {} : cropSky(read.wcs, place, cropSize);
    const limits = limitsOf(read, picture.file, settings);
    return {
      ...described(picture, { ...read, known: { ...sky, ...read.known } }, limits),
      sources: (picture.boxes ?? []).flatMap((box) => cropSourceOfBox(picture.id, box, { ...place, cropSize }) ?? []),
    };
  };
}

/** The middle of the picture. */
function placeIn({ height, width }: Image, file: string, { cropSize, isCut }: TakeSettings): CropPlace {
  const isFitting = isCut ? height >= cropSize && width >= cropSize : height === cropSize && width === cropSize;
  if (isFitting) return { y0: Math.floor((height - cropSize) / 2), x0: Math.floor((width - cropSize) / 2) };
  const wanted = isCut ? `${cropSize} pixels or more a side` : `${cropSize} x ${cropSize} pixels, as the first picture`;
  throw new Error(`${file}: expected ${wanted}, got ${height} x ${width}.`);
}

/** Of the picture itself, where there is no field that it was cut from. One that is all black keeps its file's black and white. */
function limitsOf({ image, fluxUnit, whiteValue }: ReadPicture, file: string, range: PercentileRange): Limits {
  if (whiteValue !== undefined && image.pixels.every((value) => value === 0))
    return { lowFlux: 0, highFlux: whiteValue, rms: null, isBlank: true };
  const { lowFlux, highFlux, rms } = fieldStatistics(image.pixels, range, file);
  return { lowFlux, highFlux, rms: fluxUnit === undefined ? null : rms, isBlank: false };
}

interface Limits {
  readonly lowFlux: number;
  readonly highFlux: number;
  /** Noise, of images in a unit of flux. */
  readonly rms: number | null;
  readonly isBlank: boolean;
}

function described(
  { id, file, known }: LabelledPicture,
  read: ReadPicture,
  { rms, isBlank, ...limits }: Limits,
): Omit<TakenPicture, "sources"> {
  const { height, width } = read.image;
  return {
    record: { ...UNKNOWN_CROP, field: id, ...read.known, ...known, id, rms, ...limits },
    field: {
      ...NO_BEAM,
      ...read.field,
      ...{ name: id, file: basename(file), height, width, ...limits, sha256: read.sha256 },
    },
    fluxUnit: read.fluxUnit ?? "arbitrary",
    isBlank,
  };
}

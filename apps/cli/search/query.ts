// What a search starts from: a crop of the set, by its id or its place on the sky, or a picture of one's own.
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { ConfigError } from "#base/config";
import { readBytes } from "#base/files/disk";
import { type Image, percentiles } from "#base/image";
import { embedCropSet } from "#learn/embeddings";
import { parseDeclination, parseRightAscension } from "#sky/catalogue";
import { type CropRecord, type CropSet, skySeparationDeg, UNKNOWN_CROP } from "#sky/survey";
import { fitsPicture, pngPicture } from "#sky/survey/disk";
import { openBackboneFor } from "../embeddings.ts";
import type { OpenedSource, TableFlags } from "../opened-source.ts";
import { say } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

export interface Query {
  /** As results name it. */
  readonly name: string;
  /** Its row among those that are searched; null for a picture of one's own. */
  readonly row: number | null;
  /** [dim] */
  readonly vector: Float32Array;
  /** A set of one crop, for a picture of one's own. */
  readonly picture?: CropSet;
}

const FITS_ENDINGS = [".fits", ".fit", ".fts", ".gz", ".fz"];

/** Reads --like. Throws ConfigError for an id that is not there, a set without positions, and a file that is no picture. */
export async function queryOf(like: string, opened: OpenedSource, flags: TableFlags): Promise<Query> {
  const { source } = opened;
  const row = await source.rowOf(like);
  if (row >= 0) return { name: like, row, vector: await vectorAt(source, row) };
  const position = positionOf(like);
  if (position !== undefined) return queryAt(like, position, source);
  if (existsSync(like)) return pictureQuery(like, opened, flags);
  const [first] = await source.recordsAt([0]);
  throw new ConfigError(
    `search: --like ${like}: expected the id of a crop of ${source.head.cropSetName}, RA,Dec or a file, got none of them. Its first crop is "${first!.id}".`,
  );
}

/** A copy: the rows are valid until the next block is read. */
async function vectorAt({ rows }: OpenedSource["source"], row: number): Promise<Float32Array> {
  return (await rows.read(row, 1)).slice();
}

/** RA and Dec in degrees; undefined for text that is no pair of angles. */
function positionOf(like: string): { readonly raDeg: number; readonly decDeg: number } | undefined {
  const parts = like.split(",").map((part) => part.trim());
  if (parts.length !== 2) return undefined;
  const [raDeg, decDeg] = [parseRightAscension(parts[0]!), parseDeclination(parts[1]!)];
  if (!Number.isFinite(raDeg) || !Number.isFinite(decDeg)) return undefined;
  if (!(raDeg >= 0 && raDeg < 360 && Math.abs(decDeg) <= 90))
    throw new UsageError(
      `search: --like ${like}: expected RA from 0 to 360 and Dec from -90 to 90 degrees, got ${raDeg}, ${decDeg}.`,
    );
  return { raDeg, decDeg };
}

async function queryAt(
  like: string,
  { raDeg, decDeg }: { readonly raDeg: number; readonly decDeg: number },
  source: OpenedSource["source"],
): Promise<Query> {
  const near = await source.nearestTo(raDeg, decDeg);
  if (near === null)
    throw new ConfigError(
      `search: --like ${like}: expected crops with positions, got none in ${source.head.cropSetName}. Search by the id of a crop.`,
    );
  const [record] = await source.recordsAt([near.row]);
  const reachDeg = reachOf(record!);
  if (near.separationDeg > reachDeg)
    throw new ConfigError(
      `search: --like ${like}: expected a position inside a crop, got one ${near.separationDeg.toPrecision(3)} degrees from the nearest centre, that of ${record!.id}, which reaches ${reachDeg.toPrecision(3)} degrees. Check the position and its frame (ICRS).`,
    );
  say(`${like}: the nearest centre is that of ${record!.id}, ${near.separationDeg.toPrecision(3)} degrees away.`);
  return { name: record!.id, row: near.row, vector: await vectorAt(source, near.row) };
}

/** Where nothing tells how far a crop reaches. No cutout of these surveys is larger. */
const GREATEST_REACH_DEG = 0.5;

/** Distance of a crop's farthest corner from its centre, in degrees. */
function reachOf({ raDeg, decDeg, cornersRaDeg, cornersDecDeg }: CropRecord): number {
  if (raDeg === null || decDeg === null || cornersRaDeg === null || cornersDecDeg === null) return GREATEST_REACH_DEG;
  const corners = cornersRaDeg.map((cornerRa, index) => ({ raDeg: cornerRa, decDeg: cornersDecDeg[index]! })); // four of each
  return Math.max(...corners.map((corner) => skySeparationDeg({ raDeg, decDeg }, corner)));
}

/** The picture's middle square through the same backbone. */
async function pictureQuery(path: string, { source, cropSet }: OpenedSource, flags: TableFlags): Promise<Query> {
  const picture = pictureSet(path, readPicture(path), cropSet);
  const name = flags.backbone ?? source.head.backbone;
  const backbone = await openBackboneFor(picture, name, { ...flags, batch: 1 });
  try {
    if (backbone.dim !== source.head.dim)
      throw new ConfigError(
        `search: --like ${path}: expected a backbone of ${source.head.dim} numbers as the embeddings have, got ${backbone.dim} from ${name}.`,
      );
    const { embeddings } = await embedCropSet(picture, backbone, { batchSize: 1 });
    return { name: path, row: null, vector: embeddings, picture };
  } finally {
    backbone.close();
  }
}

function readPicture(path: string): Image {
  const ending = extname(path).toLowerCase();
  if (ending === ".png") return pngPicture(readBytes(path), path).image;
  if (FITS_ENDINGS.includes(ending)) return fitsPicture(path, {}).image;
  throw new ConfigError(`search: --like ${path}: expected a FITS or PNG file, got one that ends in "${ending}".`);
}

/** A set of one crop: the middle square, stretched between the set's percentiles (the paper's without a set) of its own pixels. */
function pictureSet(path: string, { height, width, pixels }: Image, cropSet: CropSet | undefined): CropSet {
  const { lowPercentile, highPercentile } = cropSet?.info ?? { lowPercentile: 2, highPercentile: 98 };
  const side = Math.min(height, width);
  const [top, left] = [Math.floor((height - side) / 2), Math.floor((width - side) / 2)];
  const square = new Float32Array(side * side);
  for (let row = 0; row < side; row++) {
    const start = (top + row) * width + left;
    square.set(pixels.subarray(start, start + side), row * side);
  }
  const [lowFlux, highFlux] = percentiles(square.filter(Number.isFinite), [lowPercentile, highPercentile]);
  return {
    info: {
      ...{ version: 1, name: path, fluxUnit: "arbitrary", tiling: "images", cropSize: side, storedSize: side },
      ...{ lowPercentile, highPercentile, resizeRule: "none", fields: [], catalogue: null },
    },
    records: [{ ...UNKNOWN_CROP, id: path, field: path, lowFlux: lowFlux!, highFlux: highFlux! }],
    sha256: "",
    pixelsOf: () => square,
    close() {},
  };
}

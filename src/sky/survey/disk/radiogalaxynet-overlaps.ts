// Which pictures of RadioGalaxyNET show the same sky: its validation pictures overlap its training pictures.
import type { Island } from "../islands.ts";
import { type LitPixels, OVERLAP_CORRELATION, type Overlap, overlapJudge, shiftProposer } from "../overlap-shift.ts";
import type { Picture } from "./radiogalaxynet-files.ts";

/** A validation picture that shows sky of a training picture, and was left out. */
export interface DroppedPicture extends Overlap {
  readonly picture: string;
  readonly trainPicture: string;
}

/** What is kept of a picture once its pixels are let go. */
export interface Surveyed {
  readonly picture: Picture;
  readonly islands: readonly Island[];
  readonly lit: LitPixels;
}

/** Every pair of a validation and a training picture that show the same sky. */
export async function findOverlaps(
  val: readonly Surveyed[],
  train: readonly Surveyed[],
  size: number,
  progress: () => Promise<void>,
): Promise<DroppedPicture[]> {
  const propose = shiftProposer(size, size);
  const overlaps: DroppedPicture[] = [];
  for (const { picture, islands, lit } of val) {
    const judge = overlapJudge(lit);
    for (const other of train) {
      const shift = propose(islands, other.islands);
      if (shift === undefined) continue;
      const overlap = judge(other.lit, shift);
      if (overlap.correlation < OVERLAP_CORRELATION) continue;
      overlaps.push({ picture: picture.file, trainPicture: other.picture.file, ...overlap });
    }
    await progress();
  }
  return overlaps;
}

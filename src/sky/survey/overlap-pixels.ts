// Crops that show the same sky by their pixels alone: shared islands propose a shift, correlation judges it.
import { type Image, percentiles } from "#base/image";
import { cropImage } from "./crop-image.ts";
import type { CropSet } from "./crop-set.ts";
import { findIslands, type Island } from "./islands.ts";
import type { CropOverlap } from "./overlap.ts";
import {
  type LitPixels,
  litPixels,
  MIN_SHARED_ISLANDS,
  OVERLAP_CORRELATION,
  type Overlap,
  overlapJudge,
  shiftProposer,
} from "./overlap-shift.ts";

/** An island of fewer pixels is a noise peak. */
const MIN_ISLAND_PIXELS = 5;
/** Where more of a picture is lit, its noise is still in it. */
const MOST_LIT = 0.3;
/** Noise is set to zero below this many times its rms. */
const NOISE_SIGMA = 3;
/** Interquartile range to standard deviation of a Gaussian. */
const GAUSSIAN_PER_QUARTILES = 0.741301109252801;
/**
 * Pictures of too few islands to propose a shift are laid on each other as they are: only the same picture counts. Unrelated compact
 * sources of RadioGalaxyDataset reach 0.998, and the same sources in MiraBest, cleaned another way, no more than 0.992.
 */
const SAME_PICTURE_CORRELATION = 0.9995;

interface Rows {
  readonly set: CropSet;
  readonly rows: readonly number[];
}

/** What pixels tell. */
export interface PixelOverlaps {
  readonly pairs: readonly CropOverlap[];
  /** Rows with fewer islands than a shift needs: of them only the same picture would have been found. */
  readonly poorFirst: readonly number[];
  readonly poorSecond: readonly number[];
}

/** Every pair of rows that overlaps. Rotations and other pixel sizes are not found. `onRow` is told of each row of the first. */
export async function pixelOverlaps(first: Rows, second: Rows, onRow: () => void): Promise<PixelOverlaps> {
  const size = Math.max(first.set.info.cropSize, second.set.info.cropSize);
  const propose = shiftProposer(size, size);
  const others = second.rows.map((row) => lookedAt(second.set, row, size));
  const pairs: CropOverlap[] = [];
  const poorFirst: number[] = [];
  for (const row of first.rows) {
    const ours = lookedAt(first.set, row, size);
    const judge = overlapJudge(ours.lit);
    if (isPoor(ours)) poorFirst.push(row);
    for (const theirs of others) {
      const isItself = first.set === second.set && theirs.row === row;
      if (isItself || ours.lit.values.length === 0 || theirs.lit.values.length === 0) continue;
      const overlap = judged(propose(ours.islands, theirs.islands), [ours, theirs], judge);
      if (overlap) pairs.push(pairOf(row, theirs.row, overlap));
    }
    onRow();
    // Signals and the progress bar get their turn.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return { pairs, poorFirst, poorSecond: others.filter(isPoor).map(({ row }) => row) };
}

const isPoor = ({ islands }: LookedAt) => islands.length < MIN_SHARED_ISLANDS;

function judged(
  shift: ReturnType<ReturnType<typeof shiftProposer>>,
  [ours, theirs]: readonly [LookedAt, LookedAt],
  judge: ReturnType<typeof overlapJudge>,
): Overlap | undefined {
  if (shift === undefined && !mayBeOnePicture(ours, theirs)) return undefined;
  const overlap = judge(theirs.lit, shift ?? { dy: 0, dx: 0 });
  return overlap.correlation >= (shift ? OVERLAP_CORRELATION : SAME_PICTURE_CORRELATION) ? overlap : undefined;
}

/** Few islands in both, and as many lit pixels to within a tenth. */
function mayBeOnePicture(ours: LookedAt, theirs: LookedAt): boolean {
  const [fewer, more] = [ours.lit.values.length, theirs.lit.values.length].toSorted((a, b) => a - b) as [number, number]; // of two
  return isPoor(ours) && isPoor(theirs) && fewer >= 0.9 * more;
}

function pairOf(firstRow: number, secondRow: number, { correlation, sharedArea }: Overlap): CropOverlap {
  return { firstRow, secondRow, by: "pixels", sharedArea, separationDeg: null, correlation };
}

/** What is kept of a crop once its pixels are let go. */
interface LookedAt {
  readonly row: number;
  readonly islands: readonly Island[];
  readonly lit: LitPixels;
}

function lookedAt(set: CropSet, row: number, size: number): LookedAt {
  const image = withoutNoise(centred(cropImage(set, row), size));
  return { row, islands: findIslands(image, MIN_ISLAND_PIXELS), lit: litPixels(image) };
}

/** The crop in the middle of a square of `size` pixels; zeros around it and for NaN. */
function centred({ height, width, pixels: from }: Image, size: number): Image {
  const [top, left] = [Math.floor((size - height) / 2), Math.floor((size - width) / 2)];
  const pixels = new Float32Array(size * size);
  for (let y = 0; y < height; y++) pixels.set(from.subarray(y * width, (y + 1) * width), (top + y) * size + left);
  return { height: size, width: size, pixels: pixels.map((value) => (Number.isFinite(value) ? value : 0)) };
}

/** The picture as it is where its makers set the noise to zero; else what stands above the noise, in units of it. */
function withoutNoise(image: Image): Image {
  const { pixels } = image;
  const numLit = pixels.reduce((count, value) => count + Number(value !== 0), 0);
  if (numLit <= MOST_LIT * pixels.length) return { ...image, pixels: pixels.map((value) => Math.max(value, 0)) };
  const [lower, median, upper] = percentiles(pixels, [25, 50, 75]) as [number, number, number]; // one for each percentile
  const rms = GAUSSIAN_PER_QUARTILES * (upper - lower);
  if (!(rms > 0)) return image;
  return { ...image, pixels: pixels.map((value) => ((value - median) / rms > NOISE_SIGMA ? (value - median) / rms : 0)) };
}

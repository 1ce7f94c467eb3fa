// Crops that share sky by their positions.
import { angleDeg, sharedShare } from "./crop-footprint.ts";
import type { CropOverlap, PlacedCrop } from "./overlap.ts";

/** Centres this near are one place even where neither crop's size is known. */
const SAME_PLACE_DEG = 1 / 3600;

/** Neighbours that only touch share this much by rounding. */
const ROUNDING = 1e-6;

/**
 * Every pair whose pieces of sky share area, of those that are asked for. Candidates come from declination alone, so that large sets
 * take no product of their sizes.
 */
export function skyOverlaps(
  first: readonly PlacedCrop[],
  second: readonly PlacedCrop[],
  isAsked: (firstRow: number, secondRow: number) => boolean = () => true,
): readonly CropOverlap[] {
  const declination = ({ footprint }: PlacedCrop) => Math.asin(Math.max(-1, Math.min(1, footprint.centre[2]))) * (180 / Math.PI);
  const sorted = second.map((crop) => ({ crop, decDeg: declination(crop) })).sort((a, b) => a.decDeg - b.decDeg);
  const widest = second.reduce((radius, { footprint }) => Math.max(radius, footprint.radiusDeg), SAME_PLACE_DEG);
  return first.flatMap((ours) => {
    const reach = ours.footprint.radiusDeg + widest;
    const decDeg = declination(ours);
    const pairs: CropOverlap[] = [];
    for (
      let index = firstAtLeast(sorted, decDeg - reach);
      index < sorted.length && sorted[index]!.decDeg <= decDeg + reach;
      index++
    ) {
      const { crop } = sorted[index]!;
      const pair = isAsked(ours.row, crop.row) ? overlapOf(ours, crop) : undefined;
      if (pair) pairs.push(pair);
    }
    return pairs;
  });
}

function firstAtLeast(sorted: readonly { readonly decDeg: number }[], decDeg: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]!.decDeg < decDeg) low = middle + 1;
    else high = middle;
  }
  return low;
}

function overlapOf(ours: PlacedCrop, theirs: PlacedCrop): CropOverlap | undefined {
  const [a, b] = [ours.footprint, theirs.footprint];
  const separationDeg = angleDeg(a.centre, b.centre);
  if (separationDeg > Math.max(a.radiusDeg + b.radiusDeg, SAME_PLACE_DEG)) return undefined;
  const isPointPair = a.corners.length === 0 && b.corners.length === 0;
  // A point in the second covers no area of the first, but shows it all the same.
  const isPointInside = b.corners.length === 0 && a.corners.length > 0 && sharedShare(b, a) > 0;
  const sharedArea = isPointPair || isPointInside ? 1 : sharedShare(a, b);
  return sharedArea > ROUNDING
    ? { firstRow: ours.row, secondRow: theirs.row, by: "sky", sharedArea, separationDeg, correlation: null }
    : undefined;
}

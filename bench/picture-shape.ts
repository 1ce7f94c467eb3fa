// What a picture of a radio galaxy looks like, in numbers: of the connected pixels in its middle. And how two samples of such numbers differ.

/** Of one galaxy; null for a picture whose middle is empty. */
export interface PictureShape {
  /** Distance of the two brightest peaks over the greatest distance of two pixels: 0 where there is one peak (Fanaroff and Riley 1974). */
  readonly separationOverExtent: number;
  /** Minor over major axis of the second moments, weighted by the pixels. */
  readonly axisRatio: number;
  /** Gini coefficient of the pixels: 0 where all are equal (Lotz et al. 2004). */
  readonly gini: number;
}

export const SHAPE_NAMES = ["separationOverExtent", "axisRatio", "gini"] as const satisfies readonly (keyof PictureShape)[];

/** Half the side of the square in which a galaxy's pixels are looked for first. */
const MIDDLE = 8;

/** The shape of what lies in the middle of a picture [size, size] whose background is 0. */
export function pictureShape(pixels: Float32Array, size: number): PictureShape | null {
  const island = middleIsland(pixels, size);
  if (island.length < 2) return null;
  const values = island.map((place) => pixels[place]!);
  return {
    separationOverExtent: separationOverExtent(pixels, island, size),
    axisRatio: axisRatio(island, values, size),
    gini: gini(values),
  };
}

/** Places of the pixels above 0 that are connected (eight neighbours) to one near the middle. */
function middleIsland(pixels: Float32Array, size: number): readonly number[] {
  const centre = size >> 1;
  const queue: number[] = [];
  for (let y = centre - MIDDLE; y <= centre + MIDDLE; y++)
    for (let x = centre - MIDDLE; x <= centre + MIDDLE; x++) if (pixels[y * size + x]! > 0) queue.push(y * size + x);
  const seen = new Set(queue);
  for (const place of queue) {
    for (const other of neighbours(place, size)) {
      if (seen.has(other) || !(pixels[other]! > 0)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return queue;
}

function neighbours(place: number, size: number): readonly number[] {
  const [x, y] = [place % size, Math.floor(place / size)];
  const found: number[] = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(size - 1, y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(size - 1, x + 1); column++)
      if (row !== y || column !== x) found.push(row * size + column);
  return found;
}

function separationOverExtent(pixels: Float32Array, island: readonly number[], size: number): number {
  const apart = (a: number, b: number) => Math.hypot((a % size) - (b % size), Math.floor(a / size) - Math.floor(b / size));
  const peaks = island.filter((place) => neighbours(place, size).every((other) => pixels[other]! < pixels[place]!));
  const [first, second] = peaks.toSorted((a, b) => pixels[b]! - pixels[a]!);
  if (first === undefined || second === undefined) return 0;
  const extent = island.reduce((far, a) => island.reduce((most, b) => Math.max(most, apart(a, b)), far), 0);
  return apart(first, second) / extent;
}

function axisRatio(island: readonly number[], values: readonly number[], size: number): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  const mean = (of: (place: number) => number) =>
    island.reduce((sum, place, index) => sum + values[index]! * of(place), 0) / total;
  const [x, y] = [mean((place) => place % size), mean((place) => Math.floor(place / size))];
  const [dx, dy] = [(place: number) => (place % size) - x, (place: number) => Math.floor(place / size) - y];
  const [xx, yy, xy] = [mean((p) => dx(p) ** 2), mean((p) => dy(p) ** 2), mean((p) => dx(p) * dy(p))];
  const spread = Math.hypot((xx - yy) / 2, xy);
  return Math.sqrt(Math.max(0, (xx + yy) / 2 - spread) / ((xx + yy) / 2 + spread));
}

function gini(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  const total = sorted.reduce((sum, value) => sum + value, 0);
  return sorted.reduce((sum, value, index) => sum + (2 * (index + 1) - n - 1) * value, 0) / (total * (n - 1));
}

/** Two samples by Kolmogorov and Smirnov: the greatest distance of their distributions, and how likely more is by chance (asymptotic). */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): { readonly distance: number; readonly p: number } {
  const [first, second] = [a.toSorted((x, y) => x - y), b.toSorted((x, y) => x - y)];
  let distance = 0;
  for (const value of [...first, ...second])
    distance = Math.max(distance, Math.abs(shareUpTo(first, value) - shareUpTo(second, value)));
  const root = Math.sqrt((a.length * b.length) / (a.length + b.length));
  const lambda = (root + 0.12 + 0.11 / root) * distance; // Stephens 1970
  let p = 0;
  for (let k = 1; k <= 100; k++) p += 2 * (-1) ** (k - 1) * Math.exp(-2 * k ** 2 * lambda ** 2);
  return { distance, p: lambda < 0.2 ? 1 : Math.min(1, Math.max(0, p)) };
}

function shareUpTo(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low / sorted.length;
}

// The uv plane of an image: which cells of its Fourier transform an observation fills, and how often.
import { type BaselineTracks, baselineTracks, type Observation } from "./observation.ts";

const LIGHT_METRES_PER_SECOND = 299_792_458;

/** How fine an image is, and so its uv plane. */
export interface UvGridShape {
  /** Pixels along each side of the image, and cells of the uv plane: a power of two. */
  readonly size: number;
  readonly pixelScaleDeg: number;
}

/**
 * The filled cells of half a uv plane; the other half mirrors it, as an image is real. A cell is row * size + column of the image's
 * Fourier transform: rows go with v (north), columns with -u, as right ascension grows to the left.
 */
export interface UvGrid extends UvGridShape {
  readonly observation: Observation;
  readonly tracks: BaselineTracks;
  /** Ascending. */
  readonly cells: Int32Array;
  /** The cell that mirrors each. */
  readonly mirrors: Int32Array;
  /** Visibilities in each cell. */
  readonly counts: Float64Array;
  /** cell -> its index in `cells`, -1 where nothing was measured. */
  readonly slotOfCell: Int32Array;
}

/** A visibility that fell into the grid: `isMirrored` where the half plane holds its complex conjugate. */
export type VisitVisibility = (cell: number, isMirrored: boolean, place: VisibilityPlace) => void;

/** Which visibility: indices into hour angles, pairs and channels. One record is used for all visits. */
export interface VisibilityPlace {
  integration: number;
  pair: number;
  channel: number;
}

/**
 * Sorts the visibilities into the nearest cells. Those beyond the grid (finer than two pixels) and those of its zero cell are left
 * out. Throws RangeError where nothing is left.
 */
export function uvGrid(observation: Observation, shape: UvGridShape): UvGrid {
  const tracks = baselineTracks(observation);
  const { size } = shape;
  const counted = new Int32Array((size / 2) * size);
  visitVisibilities(observation, tracks, shape, (cell) => {
    counted[cell]! += 1;
  });
  const numCells = counted.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  if (numCells === 0) {
    throw new RangeError(
      `uv grid: expected visibilities inside ${size} x ${size} cells, got none. Choose smaller pixels or a larger image.`,
    );
  }
  const cells = new Int32Array(numCells);
  const mirrors = new Int32Array(numCells);
  const counts = new Float64Array(numCells);
  let slot = 0;
  for (let cell = 0; cell < counted.length; cell++) {
    const count = counted[cell]!;
    counted[cell] = count === 0 ? -1 : slot;
    if (count === 0) continue;
    cells[slot] = cell;
    mirrors[slot] = mirrorOf(cell, size);
    counts[slot++] = count;
  }
  return { ...shape, observation, tracks, cells, mirrors, counts, slotOfCell: counted };
}

/** The cell of the opposite spatial frequency. */
export function mirrorOf(cell: number, size: number): number {
  const row = Math.floor(cell / size);
  return ((size - row) % size) * size + ((size - (cell - row * size)) % size);
}

/** Calls `visit` for every visibility that falls into the grid, in the order integration, pair, channel. */
export function visitVisibilities(
  { frequenciesHz, hourAngles }: Observation,
  { u, v, pairs }: BaselineTracks,
  { size, pixelScaleDeg }: UvGridShape,
  visit: VisitVisibility,
): void {
  // Cells of a baseline of one metre: its wavelengths over the 1 / (size x pixel) wavelengths of a cell.
  const cellsPerMetre = frequenciesHz.map(
    (frequency) => (frequency / LIGHT_METRES_PER_SECOND) * size * ((pixelScaleDeg * Math.PI) / 180),
  );
  const half = size / 2;
  const place: VisibilityPlace = { integration: 0, pair: 0, channel: 0 };
  for (let index = 0; index < u.length; index++) {
    place.pair = index % pairs.length;
    place.integration = (index - place.pair) / pairs.length;
    for (let channel = 0; channel < cellsPerMetre.length; channel++) {
      place.channel = channel;
      const column = Math.round(-u[index]! * cellsPerMetre[channel]!);
      const row = Math.round(v[index]! * cellsPerMetre[channel]!);
      if (Math.abs(column) >= half || Math.abs(row) >= half || (row === 0 && column === 0)) continue;
      const isMirrored = row < 0 || (row === 0 && column < 0);
      const across = isMirrored ? -column : column;
      visit((isMirrored ? -row : row) * size + (across < 0 ? across + size : across), isMirrored, place);
    }
  }
  if (hourAngles.length * pairs.length !== u.length) throw new Error("internal: uv grid: tracks of another observation.");
}

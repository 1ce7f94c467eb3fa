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

/**
 * Called for a baseline during one integration (indices into pairs and hour angles). `codes` has a number for each channel: the cell
 * + 1 that its visibility falls into, negative where the half plane holds the complex conjugate; 0 for those that are left out. One
 * array is used for all visits.
 */
export type VisitBaseline = (codes: Int32Array, integration: number, pair: number) => void;

/**
 * Sorts the visibilities into the nearest cells. Those beyond the grid (finer than two pixels) and those of its zero cell are left
 * out. Throws RangeError where nothing is left.
 */
export function uvGrid(observation: Observation, shape: UvGridShape): UvGrid {
  const tracks = baselineTracks(observation);
  const { size } = shape;
  const counted = new Int32Array((size / 2) * size);
  visitBaselines(observation, tracks, shape, (codes) => {
    for (const code of codes) if (code !== 0) counted[cellOf(code)]! += 1;
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

/** The cell that a code stands for. */
export function cellOf(code: number): number {
  return Math.abs(code) - 1;
}

/** Calls `visit` for every baseline, in the order integration, pair. */
export function visitBaselines(
  { frequenciesHz, hourAngles }: Observation,
  { u, v, pairs }: BaselineTracks,
  { size, pixelScaleDeg }: UvGridShape,
  visit: VisitBaseline,
): void {
  // Cells of a baseline of one metre: its wavelengths over the 1 / (size x pixel) wavelengths of a cell.
  const cellsPerMetre = Float64Array.from(
    frequenciesHz,
    (frequency) => (frequency / LIGHT_METRES_PER_SECOND) * size * ((pixelScaleDeg * Math.PI) / 180),
  );
  if (hourAngles.length * pairs.length !== u.length) throw new Error("internal: uv grid: tracks of another observation.");
  const codes = new Int32Array(cellsPerMetre.length);
  let index = 0;
  for (let integration = 0; integration < hourAngles.length; integration++) {
    for (let pair = 0; pair < pairs.length; pair++, index++) {
      fillCodes(codes, { u: u[index]!, v: v[index]!, cellsPerMetre, size });
      visit(codes, integration, pair);
    }
  }
}

/** A baseline in metres, and what a metre is on the grid at each channel's frequency. */
interface BaselineOnGrid {
  readonly u: number;
  readonly v: number;
  readonly cellsPerMetre: Float64Array;
  readonly size: number;
}

function fillCodes(codes: Int32Array, { u, v, cellsPerMetre, size }: BaselineOnGrid): void {
  const half = size / 2;
  for (let channel = 0; channel < codes.length; channel++) {
    const metre = cellsPerMetre[channel]!;
    // The nearest cell: Math.round takes three times as long, and these few lines are half of a simulated field's time.
    const column = Math.floor(0.5 - u * metre) | 0;
    const row = Math.floor(0.5 + v * metre) | 0;
    if (column >= half || -column >= half || row >= half || -row >= half || (row | column) === 0) codes[channel] = 0;
    else if (row < 0 || (row === 0 && column < 0)) codes[channel] = -(-row * size + (-column & (size - 1))) - 1;
    else codes[channel] = row * size + (column & (size - 1)) + 1;
  }
}

// The image cotangent of a convolution with strides of 2: each of the four phases of pixels has products of its own.
import { concat, gemm, pad, reshape, type SliceOptions, slice, type Tensor, transpose } from "#engine/graph";
import type { ConvolutionShape } from "./convolution-forms.ts";

/** Strides of 2 and a kernel that every pixel meets. */
export function isHalving({ strides, kernel }: ConvolutionShape): boolean {
  return strides.every((stride) => stride === 2) && kernel.every((size) => size > 1);
}

/** A tap that pixels 2 a + phase meet, with the place `a + offset` that they meet it from. */
interface Meeting {
  readonly tap: number;
  readonly offset: number;
}

/** By phase, along one axis: pixel x lies under tap k of place o where x + padding = 2 o + k. */
function meetings({ kernel, padding }: ConvolutionShape, axis: 0 | 1): readonly (readonly Meeting[])[] {
  const taps = Array.from({ length: kernel[axis] }, (_, tap) => tap);
  return [0, 1].map((phase) =>
    taps
      .filter((tap) => (phase + padding[axis] - tap) % 2 === 0)
      .map((tap) => ({ tap, offset: (phase + padding[axis] - tap) / 2 })),
  );
}

/**
 * With channels last: the pixels of a phase get, for every tap that they meet, the cotangents that met it, [N rows columns, M], times
 * its kernels [M, C], summed as they come. Then the phases are woven together. `kernels`: one a tap. No groups, no dilations.
 */
export function rowsOfPhases(dy: Tensor, kernels: readonly Tensor[], shape: ConvolutionShape): Tensor {
  const { N, C, M, kernel, sides } = shape;
  const [ofRows, ofColumns] = [meetings(shape, 0), meetings(shape, 1)];
  const counts = sides.map((side) => Math.ceil(side / 2)) as [number, number]; // of pixels of the larger phase
  const room = [
    roomFor(ofRows.flat(), counts[0], shape.places[0]),
    roomFor(ofColumns.flat(), counts[1], shape.places[1]),
  ] as const;
  const before = [0, room[0].before, room[1].before, 0];
  const padded = pad(transpose(dy, [0, 2, 3, 1]), { before, after: [0, room[0].after, room[1].after, 0] });
  const metFrom = (row: Meeting, column: Meeting) => {
    const starts = [row.offset + room[0].before, column.offset + room[1].before] as const;
    const window: SliceOptions[] = starts.map((start, axis) => ({ axis: axis + 1, start, end: start + counts[axis]! }));
    return reshape(slice(padded, window), [N * counts[0] * counts[1], M]);
  };
  const phase = (rows: readonly Meeting[], columns: readonly Meeting[]) => {
    const pairs = rows.flatMap((row) => columns.map((column) => [row, column] as const));
    const sum = pairs.reduce<Tensor | undefined>(
      (earlier, [row, column]) => gemm(metFrom(row, column), kernels[row.tap * kernel[1] + column.tap]!, earlier),
      undefined,
    );
    return reshape(sum!, [N, counts[0], 1, counts[1], 1, C]); // isHalving: every pixel meets a tap
  };
  const woven = concat(
    ofRows.map((rows) =>
      concat(
        ofColumns.map((columns) => phase(rows, columns)),
        4,
      ),
    ),
    2,
  );
  const pixels = reshape(woven, [N, 2 * counts[0], 2 * counts[1], C]);
  return transpose(withSides(pixels, sides), [0, 3, 1, 2]);
}

/** Zeros that the cotangents need at both ends, so that every phase finds all it reads. */
function roomFor(met: readonly Meeting[], count: number, numPlaces: number): { readonly before: number; readonly after: number } {
  const offsets = met.map(({ offset }) => offset);
  return { before: Math.max(0, -Math.min(...offsets)), after: Math.max(0, Math.max(...offsets) + count - numPlaces) };
}

/** Without the row or column that an odd side has too many. */
function withSides(pixels: Tensor, sides: readonly [number, number]): Tensor {
  const kept = sides.map((end, axis) => ({ axis: axis + 1, start: 0, end }));
  return kept.every(({ axis, end }) => pixels.shape[axis] === end) ? pixels : slice(pixels, kept);
}

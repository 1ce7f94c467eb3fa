// What an update graph is fed: arrays, or views of their pieces.
import { ndArray, sizeOf } from "#base/array";
import { type Optimiser, type UpdatePiece, updatePieces } from "#engine/nn";
import type { Device, DeviceArray, NamedDeviceArrays } from "#engine/runtime/native";

/** Elements of a piece: an AdamW update goes through five arrays of 2 MB. docs/decisions/training-step-forms.md has what was measured. */
const PIECE_ELEMENTS = 2 ** 19;

/** How many elements of an array are updated at a time. Views of a part of it are to be had on the host alone. */
export function mostElementsOf(device: Device, { isElementwise }: Optimiser): number {
  return device.name === "cpu" && isElementwise ? PIECE_ELEMENTS : Number.POSITIVE_INFINITY;
}

/** Views of the arrays, named and shaped as `updatePieces` says. */
export function cutForUpdate(arrays: NamedDeviceArrays, mostElements: number): Map<string, DeviceArray> {
  const pieces = [...arrays].flatMap(([name, array]) =>
    updatePieces({ name, shape: array.shape }, mostElements).map((piece) => [piece.name, pieceOf(array, piece)] as const),
  );
  return new Map(pieces);
}

function pieceOf(array: DeviceArray, { shape, start }: UpdatePiece): DeviceArray {
  if (!("data" in array)) return { ...array, shape }; // another device's arrays stay whole
  return ndArray(array.dtype, shape, array.data.subarray(start, start + sizeOf(shape)));
}

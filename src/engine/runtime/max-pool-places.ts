// Where the largest value of each window lies, for a reader whose MaxPool gives the values alone.
import { type NdArray, ndArray } from "#base/array";
import { add, and, cast, equal, type Graph, type GraphNode, graphOf, pad, slice, type Tensor, where } from "#engine/graph";
import type { Rewriting } from "./rewritings.ts";

/** One pixel of the window, and which windows have it inside the image. */
interface WindowPixel {
  readonly row: number;
  readonly column: number;
}

/**
 * MaxPool, and beside it the places of the largest in the flattened image, int64 as ONNX has them: every pixel of the window is
 * compared with the largest, last first, so that of equals the first counts.
 */
export const maxPoolWithPlaces: Rewriting<"MaxPool"> = ([x], node) => {
  const graph = graphOf(x!);
  const largest = graph.add("MaxPool", [x!], node.attributes)[0]!;
  const { pads, kernel_shape: kernel } = node.attributes;
  const [top, left, bottom, right] = pads as readonly [number, number, number, number];
  const padded = pads.some((size) => size > 0) ? pad(x!, { before: [0, 0, top, left], after: [0, 0, bottom, right] }) : x!;
  const [height, width] = kernel as readonly [number, number];
  const pixels = Array.from({ length: height * width }, (_, place) => ({
    row: Math.floor(place / width),
    column: place % width,
  }));
  const offsetOf = ({ row, column }: WindowPixel) => row * x!.shape[3]! + column;
  const offset = pixels.toReversed().reduce<Tensor>(
    (others, pixel) => {
      const isLargest = isLargestAt(padded, largest, pixel, node);
      return where(isLargest, graph.constant(ndArray("int32", [], Int32Array.of(offsetOf(pixel)))), others);
    },
    graph.constant(ndArray("int32", [], Int32Array.of(offsetOf(pixels.at(-1)!)))),
  );
  return [largest, cast(add(add(offset, windowStarts(graph, node)), imageStarts(graph, x!.shape)), "int64")];
};

/** Whether this pixel of each window is as large as its largest, and lies in the image. */
function isLargestAt(
  padded: Tensor,
  largest: Tensor,
  { row, column }: WindowPixel,
  { attributes, inputs }: GraphNode<"MaxPool">,
): Tensor {
  const [rowStride, columnStride] = attributes.strides as readonly [number, number];
  const [numRows, numColumns] = largest.shape.slice(2) as [number, number];
  const seen = slice(padded, [
    { axis: 2, start: row, end: row + (numRows - 1) * rowStride + 1, step: rowStride },
    { axis: 3, start: column, end: column + (numColumns - 1) * columnStride + 1, step: columnStride },
  ]);
  const isInside = insideOf(attributes, { row, column }, inputs[0]!.shape, largest.shape);
  const isEqual = equal(seen, largest);
  return isInside.data.includes(0) ? and(isEqual, graphOf(padded).constant(isInside)) : isEqual;
}

type Attributes = GraphNode<"MaxPool">["attributes"];

/** bool [1, 1, H', W']: whether a window's pixel is one of the image's, not of the padding. */
function insideOf(
  { pads, strides }: Attributes,
  { row, column }: WindowPixel,
  image: readonly number[],
  windows: readonly number[],
): NdArray<"bool"> {
  const [numRows, numColumns] = windows.slice(2) as [number, number];
  const isIn = (place: number, axis: number) => place >= 0 && place < image[2 + axis]!;
  const data = new Uint8Array(numRows * numColumns);
  for (let i = 0; i < data.length; i++) {
    const y = Math.floor(i / numColumns) * strides[0]! - pads[0]! + row;
    const x = (i % numColumns) * strides[1]! - pads[1]! + column;
    data[i] = Number(isIn(y, 0) && isIn(x, 1));
  }
  return ndArray("bool", [1, 1, numRows, numColumns], data);
}

/** int32 [1, 1, H', W']: the place of each window's first pixel in its image; negative where that is padding. */
function windowStarts(graph: Graph, { attributes: { pads, strides }, inputs, outputs }: GraphNode<"MaxPool">): Tensor {
  const [numRows, numColumns] = outputs[0]!.shape.slice(2) as [number, number];
  const width = inputs[0]!.shape[3]!;
  const data = Int32Array.from({ length: numRows * numColumns }, (_, i) => {
    const row = Math.floor(i / numColumns) * strides[0]! - pads[0]!;
    return row * width + (i % numColumns) * strides[1]! - pads[1]!;
  });
  return graph.constant(ndArray("int32", [1, 1, numRows, numColumns], data));
}

/** int32 [N, C, 1, 1]: where each channel of each image starts. */
function imageStarts(graph: Graph, [N, C, H, W]: readonly number[]): Tensor {
  const data = Int32Array.from({ length: N! * C! }, (_, image) => image * H! * W!);
  return graph.constant(ndArray("int32", [N!, C!, 1, 1], data));
}

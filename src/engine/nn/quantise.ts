// Weights in 8 bits: a column's own step, its largest weight 127 of them.
import { type NdArray, ndArray } from "#base/array";
import { ShapeError, shapeText } from "#engine/graph";

/** A weight that stands for `weight` x `scale`, column by column. */
export interface QuantisedWeight {
  /** [inputDim, outputDim], whole numbers from -127 to 127. */
  readonly weight: NdArray<"int8">;
  /** [outputDim] */
  readonly scale: NdArray<"float32">;
}

/**
 * A linear layer's weight [outputDim, inputDim] (PyTorch's layout) in 8 bits, transposed for the product x W. Each output has a
 * step of its own, so that a small row loses nothing to a large one; zero stays zero. Throws ShapeError unless it has two axes.
 */
export function quantisedWeight({ shape, data }: NdArray<"float32">): QuantisedWeight {
  const [outputDim, inputDim] = shape;
  if (outputDim === undefined || inputDim === undefined || shape.length !== 2) {
    throw new ShapeError(`quantisedWeight: expected a matrix, got shape ${shapeText(shape)}.`);
  }
  const weight = new Int8Array(inputDim * outputDim);
  const scale = new Float32Array(outputDim);
  for (let output = 0; output < outputDim; output++) {
    const row = data.subarray(output * inputDim, (output + 1) * inputDim);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scale[output] = largest === 0 ? 1 : largest / 127;
    for (let input = 0; input < inputDim; input++) weight[input * outputDim + output] = Math.round(row[input]! / scale[output]!);
  }
  return { weight: ndArray("int8", [inputDim, outputDim], weight), scale: ndArray("float32", [outputDim], scale) };
}

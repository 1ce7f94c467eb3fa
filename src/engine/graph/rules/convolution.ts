// Rules of convolutions and pooling over images [N, C, H, W].
import type { OpAttributes } from "../op-attributes.ts";
import type { HostTensor, OpInput, OpRule, RulesOf } from "../op-rule.ts";
import { ShapeError, shapeText } from "../shape-error.ts";
import { commonType, expectFloat, takeOne, takeTwo } from "./operands.ts";

/** What a sliding window needs to know of its place: [rows, columns] everywhere, pads as ONNX has them: top, left, bottom, right. */
interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

function expectImages(x: OpInput, what: string): void {
  if (x.shape.length !== 4) throw new ShapeError(`expected ${what} of 4 axes, got shape ${shapeText(x.shape)}.`);
}

function expectWindow({ strides, dilations, pads }: Window): void {
  if (strides.length !== 2 || dilations.length !== 2 || [...strides, ...dilations].some((step) => step < 1)) {
    throw new ShapeError(`expected 2 strides and 2 dilations above 0, got ${shapeText(strides)} and ${shapeText(dilations)}.`);
  }
  if (pads.length !== 4 || pads.some((size) => size < 0)) {
    throw new ShapeError(`expected 4 pads of 0 or more (top, left, bottom, right), got ${shapeText(pads)}.`);
  }
}

/** Rows and columns of what a window gives, one a place where it fits whole. */
function windowPlaces(sides: readonly number[], window: Window): readonly [number, number] {
  expectWindow(window);
  const along = (axis: 0 | 1) => {
    const reach = window.dilations[axis]! * (window.kernel[axis]! - 1) + 1;
    const room = sides[axis]! + window.pads[axis]! + window.pads[axis + 2]!;
    if (room < reach) {
      throw new ShapeError(`expected images of ${reach} or more pixels with their padding (axis ${axis + 2}), got ${room}.`);
    }
    return Math.floor((room - reach) / window.strides[axis]!) + 1;
  };
  return [along(0), along(1)];
}

/** Calls `visit` with every pixel that a window meets: the place's index, the kernel's, the pixel's, each flat in its own plane. */
function slide(
  sides: readonly number[],
  places: readonly number[],
  { kernel, strides, dilations, pads }: Window,
  visit: (place: number, tap: number, pixel: number) => void,
): void {
  const [height, width] = sides as readonly [number, number];
  const [kernelHeight, kernelWidth] = kernel as readonly [number, number];
  for (let row = 0; row < places[0]!; row++) {
    for (let column = 0; column < places[1]!; column++) {
      for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
        const y = row * strides[0]! - pads[0]! + Math.floor(tap / kernelWidth) * dilations[0]!;
        const x = column * strides[1]! - pads[1]! + (tap % kernelWidth) * dilations[1]!;
        if (y >= 0 && y < height && x >= 0 && x < width) visit(row * places[1]! + column, tap, y * width + x);
      }
    }
  }
}

function convolutionWindow(weight: { readonly shape: readonly number[] }, attributes: OpAttributes["Conv"]): Window {
  return { ...attributes, kernel: weight.shape.slice(2) };
}

function expectBias(bias: OpInput | undefined, numChannels: number): void {
  if (bias && shapeText(bias.shape) !== shapeText([numChannels])) {
    throw new ShapeError(`expected a bias of shape [${numChannels}], got ${shapeText(bias.shape)}.`);
  }
}

/** Conv-11: X [N, C, H, W], W [M, C / group, kh, kw], optional B [M] -> [N, M, H', W']. */
const conv: OpRule<"Conv"> = {
  domain: "",
  attributes: { dilations: "ints", group: "int", pads: "ints", strides: "ints" },
  outputTypes: (inputs, attributes) => {
    const [x, weight] = takeTwo(inputs.slice(0, 2));
    expectFloat(inputs);
    const dtype = commonType(inputs);
    expectImages(x, "images");
    expectImages(weight, "a weight");
    const [numOutputs, channelsPerGroup] = weight.shape as readonly [number, number];
    if (numOutputs % attributes.group !== 0 || x.shape[1] !== channelsPerGroup * attributes.group) {
      throw new ShapeError(
        `expected ${channelsPerGroup * attributes.group} input channels (weight ${shapeText(weight.shape)}, ${attributes.group} groups), got ${x.shape[1]}.`,
      );
    }
    expectBias(inputs[2], numOutputs);
    return [
      { dtype, shape: [x.shape[0]!, numOutputs, ...windowPlaces(x.shape.slice(2), convolutionWindow(weight, attributes))] },
    ];
  },
  evaluate: (inputs, attributes, outputs) => {
    const [x, weight] = takeTwo(inputs.slice(0, 2));
    const { shape } = outputs[0]!;
    const [numImages, numOutputs, ...places] = shape as readonly [number, number, number, number];
    const sizes = { pixels: x.shape[2]! * x.shape[3]!, taps: weight.shape[2]! * weight.shape[3]!, places: places[0] * places[1] };
    const channelsPerGroup = weight.shape[1]!;
    const data = new Float64Array(numImages * numOutputs * sizes.places);
    for (let output = 0; output < numImages * numOutputs; output++) {
      const channel = output % numOutputs;
      const sum = data.subarray(output * sizes.places, (output + 1) * sizes.places);
      if (inputs[2]) sum.fill(inputs[2].data[channel]!);
      const group = Math.floor(channel / (numOutputs / attributes.group));
      for (let inner = 0; inner < channelsPerGroup; inner++) {
        const image = Math.floor(output / numOutputs);
        const from = (image * x.shape[1]! + group * channelsPerGroup + inner) * sizes.pixels;
        const kernel = (channel * channelsPerGroup + inner) * sizes.taps;
        slide(x.shape.slice(2), places, convolutionWindow(weight, attributes), (place, tap, pixel) => {
          sum[place]! += weight.data[kernel + tap]! * x.data[from + pixel]!;
        });
      }
    }
    return [{ shape, data }];
  },
};

/** Sides of a transposed convolution: the images that Conv with the same window would bring down to `sides`. */
function transposedSides(sides: readonly number[], window: Window, outputPadding: readonly number[]): readonly [number, number] {
  expectWindow(window);
  const along = (axis: 0 | 1) => {
    const reach = window.dilations[axis]! * (window.kernel[axis]! - 1) + 1;
    const size =
      window.strides[axis]! * (sides[axis]! - 1) + reach + outputPadding[axis]! - window.pads[axis]! - window.pads[axis + 2]!;
    if (size < 1) throw new ShapeError(`expected pads that leave a pixel in axis ${axis + 2}, got ${shapeText(window.pads)}.`);
    return size;
  };
  return [along(0), along(1)];
}

/** ConvTranspose-11: X [N, M, H', W'], W [M, C / group, kh, kw] -> [N, C, H, W]. The gradient of Conv by its images. */
const convTranspose: OpRule<"ConvTranspose"> = {
  domain: "",
  attributes: { dilations: "ints", group: "int", output_padding: "ints", pads: "ints", strides: "ints" },
  outputTypes: (inputs, attributes) => {
    const [x, weight] = takeTwo(inputs);
    expectFloat(inputs);
    const dtype = commonType(inputs);
    expectImages(x, "images");
    expectImages(weight, "a weight");
    if (x.shape[1] !== weight.shape[0] || weight.shape[0]! % attributes.group !== 0) {
      throw new ShapeError(`expected ${weight.shape[0]} channels (weight ${shapeText(weight.shape)}), got ${x.shape[1]}.`);
    }
    const { output_padding: outputPadding, strides } = attributes;
    if (outputPadding.length !== 2 || outputPadding.some((size, axis) => size < 0 || size >= strides[axis]!)) {
      throw new ShapeError(`expected output padding below the strides ${shapeText(strides)}, got ${shapeText(outputPadding)}.`);
    }
    const sides = transposedSides(x.shape.slice(2), convolutionWindow(weight, attributes), outputPadding);
    return [{ dtype, shape: [x.shape[0]!, weight.shape[1]! * attributes.group, ...sides] }];
  },
  evaluate: (inputs, attributes, outputs) => {
    const [x, weight] = takeTwo(inputs);
    const { shape } = outputs[0]!;
    const [numImages, numOutputs, ...sides] = shape as readonly [number, number, number, number];
    const places = x.shape.slice(2);
    const sizes = { pixels: sides[0] * sides[1], taps: weight.shape[2]! * weight.shape[3]!, places: places[0]! * places[1]! };
    const numInputs = weight.shape[0]!;
    const outputsPerGroup = weight.shape[1]!;
    const data = new Float64Array(numImages * numOutputs * sizes.pixels);
    for (let input = 0; input < numImages * numInputs; input++) {
      const channel = input % numInputs;
      const group = Math.floor(channel / (numInputs / attributes.group));
      const cotangent = x.data.subarray(input * sizes.places, (input + 1) * sizes.places);
      for (let inner = 0; inner < outputsPerGroup; inner++) {
        const to = (Math.floor(input / numInputs) * numOutputs + group * outputsPerGroup + inner) * sizes.pixels;
        const kernel = (channel * outputsPerGroup + inner) * sizes.taps;
        slide(sides, places, convolutionWindow(weight, attributes), (place, tap, pixel) => {
          data[to + pixel]! += weight.data[kernel + tap]! * cotangent[place]!;
        });
      }
    }
    return [{ shape, data }];
  },
};

/** MaxPool-12: X [N, C, H, W] -> the largest of each window, and where it was: its flat index in X. The first of equals counts. */
const maxPool: OpRule<"MaxPool"> = {
  domain: "",
  attributes: { kernel_shape: "ints", pads: "ints", strides: "ints" },
  outputTypes: (inputs, attributes) => {
    const x = takeOne(inputs);
    expectFloat(inputs);
    expectImages(x, "images");
    const shape = [x.shape[0]!, x.shape[1]!, ...windowPlaces(x.shape.slice(2), poolWindow(attributes))];
    return [
      { dtype: x.dtype, shape },
      { dtype: "int64", shape },
    ];
  },
  evaluate: (inputs, attributes, outputs) => {
    const x = takeOne(inputs);
    const { shape } = outputs[0]!;
    const places = shape.slice(2);
    const numPlaces = places[0]! * places[1]!;
    const numPixels = x.shape[2]! * x.shape[3]!;
    const numPlanes = x.shape[0]! * x.shape[1]!;
    const data = new Float64Array(numPlanes * numPlaces).fill(-Infinity);
    const indices = new Float64Array(data.length);
    for (let plane = 0; plane < numPlanes; plane++) {
      slide(x.shape.slice(2), places, poolWindow(attributes), (place, _, pixel) => {
        const value = x.data[plane * numPixels + pixel]!;
        if (value <= data[plane * numPlaces + place]!) return;
        data[plane * numPlaces + place] = value;
        indices[plane * numPlaces + place] = plane * numPixels + pixel;
      });
    }
    return [
      { shape, data },
      { shape, data: indices },
    ];
  },
};

function poolWindow({ kernel_shape, pads, strides }: OpAttributes["MaxPool"]): Window {
  return { kernel: kernel_shape, pads, strides, dilations: [1, 1] };
}

/** GlobalAveragePool-1: the mean of each channel of each image: [N, C, H, W] -> [N, C, 1, 1]. */
const globalAveragePool: OpRule<"GlobalAveragePool"> = {
  domain: "",
  attributes: {},
  outputTypes: (inputs) => {
    const { dtype, shape } = takeOne(inputs);
    expectFloat(inputs);
    expectImages({ dtype, shape }, "images");
    return [{ dtype, shape: [shape[0]!, shape[1]!, 1, 1] }];
  },
  evaluate: (inputs, _, outputs) => {
    const x = takeOne(inputs);
    const size = x.shape[2]! * x.shape[3]!;
    const data = new Float64Array(x.data.length / size);
    for (let index = 0; index < x.data.length; index++) data[Math.floor(index / size)]! += x.data[index]! / size;
    return [{ shape: outputs[0]!.shape, data }];
  },
};

/** BatchNormalization-15 with given statistics (training_mode 0): (X - mean) / sqrt(var + epsilon) scale + B, channel by channel. */
const batchNormalization: OpRule<"BatchNormalization"> = {
  domain: "",
  attributes: { epsilon: "float" },
  outputTypes: (inputs) => {
    const [x, ...vectors] = inputs;
    if (!x || vectors.length !== 4) {
      throw new ShapeError(`expected 5 operands (X, scale, B, mean, var), got ${inputs.length}.`);
    }
    expectFloat(inputs);
    const dtype = commonType(inputs);
    expectImages(x, "images");
    for (const { shape } of vectors) {
      if (shapeText(shape) !== shapeText([x.shape[1]!])) {
        throw new ShapeError(`expected vectors of ${x.shape[1]} channels, got shape ${shapeText(shape)}.`);
      }
    }
    return [{ dtype, shape: x.shape }];
  },
  evaluate: (inputs, { epsilon }) => {
    const [x, scale, bias, mean, variance] = inputs as readonly [HostTensor, HostTensor, HostTensor, HostTensor, HostTensor]; // five: outputTypes saw to it
    const numChannels = x.shape[1]!;
    const size = x.shape[2]! * x.shape[3]!;
    const data = x.data.map((value, index) => {
      const channel = Math.floor(index / size) % numChannels;
      const centered = value - mean.data[channel]!;
      return (centered / Math.sqrt(variance.data[channel]! + epsilon)) * scale.data[channel]! + bias.data[channel]!;
    });
    return [{ shape: x.shape, data }];
  },
};

export const CONVOLUTION_RULES: RulesOf<"Conv" | "ConvTranspose" | "MaxPool" | "GlobalAveragePool" | "BatchNormalization"> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  GlobalAveragePool: globalAveragePool,
  BatchNormalization: batchNormalization,
};

// Cases of convolutions, pooling and batch normalisation: odd sides, strides, uneven padding, groups, one image.
import {
  batchNormalization,
  type ConvOptions,
  conv,
  convTranspose,
  globalAveragePool,
  graphOf,
  maxPool,
  named,
  normalisedBatch,
} from "#engine/graph";
import { distinct, normals, type OpCase, opCase, positives, valuesOnly } from "./op-case.ts";

type Shape4 = readonly [number, number, number, number];

function convCase(what: string, images: Shape4, weight: Shape4, options: ConvOptions = {}): OpCase {
  return opCase("Conv", what, { x: normals(...images), w: normals(...weight) }, ({ x, w }) => conv(x, w, undefined, options));
}

const CONV_CASES: readonly OpCase[] = [
  convCase("one pixel to one pixel", [2, 3, 4, 5], [6, 3, 1, 1]),
  convCase("one pixel to one pixel, stride 2, odd sides", [2, 3, 5, 7], [4, 3, 1, 1], { strides: [2, 2] }),
  convCase("one pixel to one pixel, stride 2, even sides", [1, 3, 6, 4], [4, 3, 1, 1], { strides: [2, 2] }),
  convCase("3x3, same sides", [2, 3, 5, 4], [4, 3, 3, 3], { padding: [1, 1, 1, 1] }),
  convCase("3x3 without padding, one image", [1, 2, 6, 5], [3, 2, 3, 3]),
  convCase("3x3, stride 2, even sides: a column is left over", [2, 2, 6, 8], [3, 2, 3, 3], {
    strides: [2, 2],
    padding: [1, 1, 1, 1],
  }),
  convCase("3x3, stride 2, odd sides", [2, 2, 7, 5], [3, 2, 3, 3], { strides: [2, 2], padding: [1, 1, 1, 1] }),
  convCase("uneven padding, uneven strides", [1, 2, 7, 8], [3, 2, 3, 2], { strides: [2, 3], padding: [0, 1, 2, 0] }),
  convCase("dilated", [2, 2, 7, 6], [3, 2, 3, 2], { dilations: [2, 3], padding: [2, 1, 1, 2] }),
  convCase("more padding than kernel", [1, 2, 3, 3], [2, 2, 2, 2], { padding: [2, 2, 2, 2] }),
  convCase("two groups", [2, 4, 5, 5], [6, 2, 3, 3], { groups: 2, padding: [1, 1, 1, 1] }),
  convCase("a kernel for each channel, stride 2", [2, 3, 6, 6], [3, 1, 3, 3], {
    groups: 3,
    strides: [2, 2],
    padding: [1, 1, 1, 1],
  }),
  convCase("a 7x7 stem on one channel", [2, 1, 9, 11], [3, 1, 7, 7], { strides: [2, 2], padding: [3, 3, 3, 3] }),
  convCase("3x3 on large sides", [1, 2, 21, 20], [2, 2, 3, 3], { padding: [1, 1, 1, 1] }),
  convCase("many channels, small sides", [2, 16, 5, 4], [3, 16, 3, 3], { padding: [1, 1, 1, 1] }),
  convCase("many channels, one image", [1, 17, 4, 5], [3, 17, 3, 2], { padding: [1, 1, 1, 1] }),
  convCase("many channels, large sides", [2, 16, 33, 32], [1, 16, 2, 2], { padding: [1, 0, 0, 1] }),
  convCase("many channels, stride 2, odd sides", [2, 16, 7, 6], [3, 16, 3, 3], { strides: [2, 2], padding: [1, 1, 1, 1] }),
  convCase("many channels, one pixel to one pixel", [2, 16, 4, 5], [3, 16, 1, 1]),
  convCase("2x3, stride 2, uneven padding", [2, 2, 6, 7], [3, 2, 2, 3], { strides: [2, 2], padding: [0, 2, 1, 0] }),
  convCase("4x5, stride 2, more padding than half the kernel", [2, 2, 5, 6], [3, 2, 4, 5], {
    strides: [2, 2],
    padding: [3, 0, 2, 3],
  }),
  convCase("stride 2, pixels at the end that no kernel meets", [2, 2, 8, 7], [3, 2, 3, 2], { strides: [2, 2] }),
  convCase("one pixel", [1, 3, 1, 1], [2, 3, 3, 3], { padding: [1, 1, 1, 1] }),
  opCase("Conv", "with a bias", { x: normals(2, 2, 4, 4), w: normals(3, 2, 3, 3), b: normals(3) }, ({ x, w, b }) =>
    conv(x, w, b, { padding: [1, 1, 1, 1] }),
  ),
];

const TRANSPOSED_CASES: readonly OpCase[] = [
  opCase("ConvTranspose", "3x3, stride 2, a column added", { x: normals(2, 3, 3, 4), w: normals(3, 2, 3, 3) }, ({ x, w }) =>
    convTranspose(x, w, { strides: [2, 2], padding: [1, 1, 1, 1], outputPadding: [1, 0] }),
  ),
  opCase("ConvTranspose", "two groups, uneven padding", { x: normals(1, 4, 3, 3), w: normals(4, 2, 2, 3) }, ({ x, w }) =>
    convTranspose(x, w, { groups: 2, padding: [0, 1, 1, 0] }),
  ),
  opCase("ConvTranspose", "dilated", { x: normals(1, 2, 3, 4), w: normals(2, 3, 2, 2) }, ({ x, w }) =>
    convTranspose(x, w, { dilations: [2, 3] }),
  ),
].map(valuesOnly);

const POOLED = { x: distinct([2, 3, 6, 5]) };

export const CONVOLUTION_CASES: readonly OpCase[] = [
  ...CONV_CASES,
  ...TRANSPOSED_CASES,
  opCase("MaxPool", "3x3, stride 2: windows overlap", POOLED, ({ x }) =>
    maxPool(x, [3, 3], { strides: [2, 2], padding: [1, 1, 1, 1] }),
  ),
  opCase("MaxPool", "2x3, uneven", POOLED, ({ x }) => maxPool(x, [2, 3], { strides: [1, 2], padding: [1, 0, 0, 1] })),
  opCase(
    "MaxPool",
    "everything negative, so that padding would win if it were zero",
    { x: distinct([1, 2, 3, 3], -5) },
    ({ x }) => maxPool(x, [3, 3], { padding: [1, 1, 1, 1] }),
  ),
  valuesOnly(
    opCase("MaxPool", "where the largest were found", POOLED, ({ x }) => {
      const y = maxPool(x, [2, 2], { strides: [2, 2] });
      return graphOf(y).producerOf(y)!.outputs;
    }),
  ),
  opCase("GlobalAveragePool", "odd sides", { x: normals(2, 3, 3, 5) }, ({ x }) => globalAveragePool(x)),
  // The nodes of a batch's own normalisation, differentiated as one; the last of them adds the bias.
  ...[
    { what: "few pixels", sides: [3, 5] as const },
    { what: "many pixels", sides: [23, 22] as const },
  ].map(({ what, sides }) =>
    opCase(
      "Add",
      `batch normalisation of ${what}`,
      { x: normals(2, 2, ...sides), scale: positives(2), bias: normals(2) },
      ({ x, scale, bias }) => normalisedBatch(named(x, "B C H W", "case"), scale, bias, { epsilon: 1e-5 }).images,
    ),
  ),
  opCase(
    "BatchNormalization",
    "statistics that are given",
    { x: normals(2, 3, 2, 4), scale: positives(3), bias: normals(3), mean: normals(3), variance: positives(3) },
    ({ x, scale, bias, mean, variance }) => batchNormalization(x, scale, bias, { mean, variance }, { epsilon: 1e-5 }),
  ),
];

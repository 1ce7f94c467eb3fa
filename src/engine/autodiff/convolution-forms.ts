// The forms that a convolution's gradients can take, and which one is taken for which shape. docs/decisions/convolution-forms.md.
import {
  concat,
  conv,
  convTranspose,
  fusedMatMul,
  type GraphNode,
  gather,
  gemm,
  matMul,
  pad,
  reduceSum,
  reshape,
  slice,
  split,
  type Tensor,
  transpose,
} from "#engine/graph";
import { isHalving, rowsOfPhases } from "./convolution-phases.ts";

/** Everything that fixes a convolution but its values. N images, C channels in, M out, G groups. */
export interface ConvolutionShape {
  readonly N: number;
  readonly C: number;
  readonly M: number;
  readonly G: number;
  /** Of the images, and of what comes out. */
  readonly sides: readonly [number, number];
  readonly places: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly padding: readonly [number, number, number, number];
}

type Pair = readonly [number, number];

export function convolutionShape({ inputs, outputs, attributes }: GraphNode<"Conv">): ConvolutionShape {
  const [N, C, ...sides] = inputs[0]!.shape as readonly [number, number, number, number]; // four axes: the rule saw to it
  const [M, , ...kernel] = inputs[1]!.shape as readonly [number, number, number, number];
  return {
    N,
    C,
    M,
    G: attributes.group,
    sides,
    places: outputs[0]!.shape.slice(2) as unknown as Pair, // the last two of four
    kernel,
    strides: attributes.strides as Pair, // two and four numbers: the rule saw to it
    dilations: attributes.dilations as Pair,
    padding: attributes.pads as ConvolutionShape["padding"],
  };
}

const isOne = (pair: readonly number[]) => pair.every((value) => value === 1);

/** One pixel to one pixel: a product over channels. */
function isPointwise({ kernel, padding, G }: ConvolutionShape): boolean {
  return isOne(kernel) && padding.every((size) => size === 0) && G === 1;
}

/** The cotangent of the images. */
export function imageCotangent(dy: Tensor, weight: Tensor, shape: ConvolutionShape): Tensor {
  if (isPointwise(shape) && isOne(shape.strides)) return pointwiseImageCotangent(dy, weight, shape);
  const isSmall = shape.N > 1 && shape.places[0] * shape.places[1] < MOST_ROW_PLACES && shape.G === 1 && isOne(shape.dilations);
  if (isSmall && isOne(shape.strides) && hasEvenRoom(shape)) return rowsOfTaps(dy, weight, shape);
  if (isSmall && isHalving(shape)) return rowsOfPhases(dy, tapKernels(weight, shape), shape);
  const isFlippable = isOne(shape.strides) && shape.G === 1 && oppositePadding(shape).every((size) => size >= 0);
  return isFlippable && shape.places[0] >= SMALLEST_FLIPPED_SIDE
    ? flippedConvolution(dy, weight, shape)
    : transposedConvolution(dy, weight, shape);
}

/** Below this many rows ConvTranspose is the faster form. */
const SMALLEST_FLIPPED_SIDE = 20;

/** W' dy: [C, M] x [N, M, places]. */
function pointwiseImageCotangent(dy: Tensor, weight: Tensor, { N, C, M, sides }: ConvolutionShape): Tensor {
  const product = fusedMatMul(reshape(weight, [M, C]), reshape(dy, [N, M, -1]), { transA: true });
  return reshape(product, [N, C, ...sides]);
}

/** With fewer places than this, of an image that comes out, products with channels last pay for the transposes that they need. */
const MOST_ROW_PLACES = 200;

function hasEvenRoom(shape: ConvolutionShape): boolean {
  return oppositePadding(shape).every((size) => size >= 0);
}

/** With channels last: for every tap the cotangents that it met, [N H W, M], times its kernels [M, C], summed as they come. */
function rowsOfTaps(dy: Tensor, weight: Tensor, shape: ConvolutionShape): Tensor {
  const { N, C, M, sides, places } = shape;
  const kernels = tapKernels(weight, shape);
  // The same windows slid over the cotangent, from the last tap to the first.
  const opposite: ConvolutionShape = { ...shape, C: M, sides: places, places: sides, padding: oppositePadding(shape) };
  const met = tapImages(transpose(dy, [0, 2, 3, 1]), opposite, [1, 2]).toReversed();
  const rows = met.reduce<Tensor | undefined>(
    (sum, pixels, tap) => gemm(reshape(pixels, [N * sides[0] * sides[1], M]), kernels[tap]!, sum),
    undefined,
  );
  return transpose(reshape(rows!, [N, ...sides, C]), [0, 3, 1, 2]); // a kernel has at least one tap
}

/** The kernels of each tap, [M, C], in the order of the taps. */
function tapKernels(weight: Tensor, { C, M, kernel }: ConvolutionShape): readonly Tensor[] {
  const numTaps = kernel[0] * kernel[1];
  const perTap = reshape(transpose(reshape(weight, [M * C, numTaps]), [1, 0]), [numTaps * M, C]);
  return numTaps === 1 ? [perTap] : split(perTap, new Array<number>(numTaps).fill(M), 0);
}

function transposedConvolution(dy: Tensor, weight: Tensor, shape: ConvolutionShape): Tensor {
  const { strides, dilations, padding, G, kernel, sides, places } = shape;
  const left = ([0, 1] as const).map((axis) => {
    const reach = dilations[axis] * (kernel[axis] - 1) + 1;
    return sides[axis] + padding[axis] + padding[axis + 2]! - (strides[axis] * (places[axis] - 1) + reach);
  });
  return convTranspose(dy, weight, { strides, dilations, padding, groups: G, outputPadding: left as unknown as Pair });
}

/** A convolution of the cotangent with the kernels turned by half a turn and their channels swapped. Strides 1. */
function flippedConvolution(dy: Tensor, weight: Tensor, shape: ConvolutionShape): Tensor {
  const { C, M, kernel, dilations } = shape;
  const numTaps = kernel[0] * kernel[1];
  const swapped = transpose(reshape(weight, [M, C, numTaps]), [1, 0, 2]);
  const turned = gather(
    swapped,
    Array.from({ length: numTaps }, (_, tap) => numTaps - 1 - tap),
    2,
  );
  return conv(dy, reshape(turned, [C, M, ...kernel]), undefined, { dilations, padding: oppositePadding(shape) });
}

function oppositePadding({ kernel, dilations, padding }: ConvolutionShape): ConvolutionShape["padding"] {
  const [top, left, bottom, right] = padding;
  const [rows, columns] = [dilations[0] * (kernel[0] - 1), dilations[1] * (kernel[1] - 1)];
  return [rows - top, columns - left, rows - bottom, columns - right];
}

/** The cotangent of the weight. */
export function weightCotangent(dy: Tensor, images: Tensor, shape: ConvolutionShape): Tensor {
  if (shape.G === 1 && shape.C < FEWEST_CHANNELS_A_TAP) return weightFromWindows(dy, images, shape);
  const numPlaces = shape.places[0] * shape.places[1];
  const isWorthRows = isPointwise(shape)
    ? numPlaces < MOST_ROW_PLACES
    : numPlaces < FEWEST_PLANAR_PLACES || !isOne(shape.strides);
  return shape.G === 1 && shape.N > 1 && isWorthRows ? weightFromRows(dy, images, shape) : weightFromPlanes(dy, images, shape);
}

/** With so many places a product an image is as good as one over all images, where every pixel under a tap lies beside the next. */
const FEWEST_PLANAR_PLACES = 1000;

/** With fewer channels than this a product for each tap is too thin. */
const FEWEST_CHANNELS_A_TAP = 16;

/** All taps' pixels side by side, [N, taps C, places]: one product an image, summed over images. */
function weightFromWindows(dy: Tensor, images: Tensor, { N, C, M, kernel, places, ...rest }: ConvolutionShape): Tensor {
  const numTaps = kernel[0] * kernel[1];
  const windows = concat(tapImages(images, { N, C, M, kernel, places, ...rest }, [2, 3]), 1);
  const product = fusedMatMul(reshape(dy, [N, M, -1]), reshape(windows, [N, numTaps * C, -1]), { transB: true });
  const perTap = reshape(reduceSum(product, [0]), [M, numTaps, C]);
  return reshape(transpose(perTap, [0, 2, 1]), [M, C, ...kernel]);
}

/** For every tap of the kernel the pixels under it, [N, C, places]: then one product an image, summed over images. */
function weightFromPlanes(dy: Tensor, images: Tensor, shape: ConvolutionShape): Tensor {
  const { N, C, M, G, kernel, places } = shape;
  const cotangents = reshape(dy, [N, G, M / G, places[0] * places[1]]);
  const perTap = tapImages(images, shape, [2, 3]).map((pixels) => {
    const product = fusedMatMul(cotangents, reshape(pixels, [N, G, C / G, places[0] * places[1]]), { transB: true });
    return reshape(N > 1 ? reduceSum(product, [0]) : product, [M, C / G, 1]);
  });
  return reshape(perTap.length === 1 ? perTap[0]! : concat(perTap, 2), [M, C / G, ...kernel]);
}

/** The same with the pixels' channels last and the cotangents' first: one product over all images a tap, [M, N places] x [N places, C]. */
function weightFromRows(dy: Tensor, images: Tensor, shape: ConvolutionShape): Tensor {
  const { C, M, kernel } = shape;
  const cotangents = reshape(transpose(dy, [1, 0, 2, 3]), [M, -1]);
  const channelsLast = transpose(images, [0, 2, 3, 1]);
  const perTap = tapImages(channelsLast, shape, [1, 2]).map((pixels) =>
    reshape(matMul(cotangents, reshape(pixels, [-1, C])), [M, C, 1]),
  );
  return reshape(perTap.length === 1 ? perTap[0]! : concat(perTap, 2), [M, C, ...kernel]);
}

/** What each tap of the kernel sees, one image a tap, in the order of the taps. `axes`: where rows and columns are. */
function tapImages(images: Tensor, shape: ConvolutionShape, axes: Pair): readonly Tensor[] {
  const { kernel, places, strides, dilations, padding } = shape;
  const room = (side: 0 | 1) =>
    images.shape.map((_, axis) => (axis === axes[0] ? padding[2 * side]! : axis === axes[1] ? padding[2 * side + 1]! : 0));
  const padded = padding.some((size) => size > 0) ? pad(images, { before: room(0), after: room(1) }) : images;
  const taps = Array.from({ length: kernel[0] * kernel[1] }, (_, tap) => [Math.floor(tap / kernel[1]), tap % kernel[1]] as const);
  return taps.map((tap) => {
    const parts = ([0, 1] as const).map((axis) => {
      const start = tap[axis] * dilations[axis];
      return { axis: axes[axis], start, end: start + strides[axis] * (places[axis] - 1) + 1, step: strides[axis] };
    });
    const isWhole = parts.every(({ axis, start, end, step }) => start === 0 && step === 1 && end === padded.shape[axis]);
    return isWhole ? padded : slice(padded, parts);
  });
}

// Convolutions and pooling over images [N, C, H, W].
import type { Tensor } from "../tensor.ts";
import { addNode, addOne } from "./add-node.ts";

/** How a window moves. Pairs are [rows, columns]; padding is top, left, bottom, right, as in ONNX. */
export interface WindowOptions {
  /** Default [1, 1]. */
  readonly strides?: readonly [number, number];
  /** Default: none. */
  readonly padding?: readonly [number, number, number, number];
}

export interface ConvOptions extends WindowOptions {
  /** Default [1, 1]. */
  readonly dilations?: readonly [number, number];
  /** Channels are cut into so many groups, each with kernels of its own (default 1). */
  readonly groups?: number;
}

const NO_PADDING = [0, 0, 0, 0] as const;
const ONE_BY_ONE = [1, 1] as const;

/** Images [N, C, H, W] through kernels [M, C / groups, kh, kw], plus bias [M] where given: [N, M, H', W']. */
export function conv(images: Tensor, weight: Tensor, bias?: Tensor, options: ConvOptions = {}): Tensor {
  const { strides = ONE_BY_ONE, padding = NO_PADDING, dilations = ONE_BY_ONE, groups = 1 } = options;
  return addOne("Conv", bias ? [images, weight, bias] : [images, weight], { dilations, group: groups, pads: padding, strides });
}

/**
 * The transpose of `conv` with the same window: images [N, M, H', W'] through kernels [M, C / groups, kh, kw] to [N, C, H, W].
 * `outputPadding` adds the rows and columns at the end that the strides left out. It has no gradient: only gradients use it.
 */
export function convTranspose(
  images: Tensor,
  weight: Tensor,
  options: ConvOptions & { readonly outputPadding?: readonly [number, number] } = {},
): Tensor {
  const { strides = ONE_BY_ONE, padding = NO_PADDING, dilations = ONE_BY_ONE, groups = 1, outputPadding = [0, 0] } = options;
  const attributes = { dilations, group: groups, output_padding: outputPadding, pads: padding, strides };
  return addOne("ConvTranspose", [images, weight], attributes);
}

/** The largest value of each window of `kernel` pixels: [N, C, H, W] -> [N, C, H', W']. Padding never wins. */
export function maxPool(images: Tensor, kernel: readonly [number, number], options: WindowOptions = {}): Tensor {
  const { strides = ONE_BY_ONE, padding = NO_PADDING } = options;
  return addNode("MaxPool", [images], { kernel_shape: kernel, pads: padding, strides })[0]!;
}

/** The mean of every channel of every image: [N, C, H, W] -> [N, C, 1, 1]. */
export function globalAveragePool(images: Tensor): Tensor {
  return addOne("GlobalAveragePool", [images], {});
}

/** What normalises a batch: each [C]. */
export interface ChannelStatistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** (images - mean) / sqrt(variance + epsilon) scale + bias, channel by channel, with statistics that are given. */
export function batchNormalization<Axes extends string>(
  images: Tensor<Axes>,
  scale: Tensor,
  bias: Tensor,
  { mean, variance }: ChannelStatistics,
  { epsilon }: { readonly epsilon: number },
): Tensor<Axes> {
  return addOne("BatchNormalization", [images, scale, bias, mean, variance], { epsilon }) as Tensor<Axes>; // the shape stays
}

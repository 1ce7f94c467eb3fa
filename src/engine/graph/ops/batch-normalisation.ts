// Batch normalisation by the batch's own statistics (Ioffe & Szegedy 2015), in the forms that take the fewest passes over images.
import { graphOf } from "../graph.ts";
import { dims, type Tensor } from "../tensor.ts";
import type { ChannelStatistics } from "./convolution.ts";
import { add, div, mul, sqrt, sub } from "./elementwise.ts";
import { fusedMatMul } from "./products.ts";
import { reduceMean, reduceSum } from "./reductions.ts";
import { reshape } from "./shape.ts";

export interface NormalisedBatch {
  readonly images: Tensor<"B C H W">;
  /** Of the images that went in; no gradient leads through them. */
  readonly statistics: ChannelStatistics;
}

/**
 * Images [B, C, H, W] minus each channel's mean over its square root of variance (of all pixels) plus `epsilon`, times scale [C],
 * plus bias [C]. Multiply and add by channel are two passes on all threads: ONNX Runtime's BatchNormalization is one, on one thread.
 */
export function normalisedBatch(
  images: Tensor<"B C H W">,
  scale: Tensor,
  bias: Tensor,
  { epsilon }: { readonly epsilon: number },
): NormalisedBatch {
  const { B, C, H, W } = dims(images, "B C H W", "normalisedBatch");
  const mean = reduceMean(images, [0, 2, 3]);
  const centered = sub(images, ofChannels(mean));
  const variance = div(channelDots(centered, centered), B * H * W);
  const inverseDeviation = div(1, sqrt(add(variance, epsilon)));
  const slope = mul(scale, inverseDeviation);
  const output = add(mul(centered, ofChannels(slope)), reshape(bias, [1, C, 1, 1])) as Tensor<"B C H W">; // the shape stays
  const kept = [centered, inverseDeviation, slope];
  graphOf(images).addComposite({ kind: "batchNormalisation", inputs: [images, scale, bias], kept, output });
  return { images: output, statistics: { mean, variance } };
}

/** A vector [C] as it multiplies images. */
export function ofChannels(vector: Tensor): Tensor {
  return reshape(vector, [1, vector.shape[0]!, 1, 1]);
}

/** Below this many pixels an image the products are too short to be worth their calls. */
const FEWEST_DOT_PIXELS = 500;

/** Sum of a b over all images and pixels of each channel: [C]. Long rows as products, which write nothing of the images' size. */
export function channelDots(a: Tensor, b: Tensor): Tensor {
  const { B, C, H, W } = dims(a, "B C H W", "channelDots");
  if (H * W < FEWEST_DOT_PIXELS) return reduceSum(mul(a, b), [0, 2, 3]);
  const rows = (x: Tensor) => reshape(x, [B, C, 1, H * W]);
  return reduceSum(fusedMatMul(rows(a), rows(b), { transB: true }), [0, 2, 3]);
}

// Feature maps in one of two layouts: image by image, or all images of a channel stacked into one tall image. docs/decisions/convolution-forms.md.
import { conv, dims, globalAveragePool, named, reduceMean, reshape, slice, type Tensor, transpose } from "#engine/graph";

/**
 * Images of `sides` [rows, columns]. Planar: `tensor` is [B, C, H, W]. Stacked: it is [1, C, B H, W], so that a convolution of one
 * pixel and the sums of a normalisation are single products and sums over all images, not one an image.
 */
export interface FeatureMaps {
  readonly tensor: Tensor<"B C H W">;
  readonly layout: "planar" | "stacked";
  readonly numImages: number;
  readonly sides: readonly [number, number];
}

/** Maps with fewer pixels than this are worth stacking in training (measured on ResNet-50's shapes). */
export const FEWEST_PLANAR_PIXELS = 400;

export function planar(tensor: Tensor<"B C H W">): FeatureMaps {
  const { B, H, W } = dims(tensor, "B C H W", "planar");
  return { tensor, layout: "planar", numImages: B, sides: [H, W] };
}

/** The same maps stacked. */
export function stacked(maps: FeatureMaps): FeatureMaps {
  if (maps.layout === "stacked") return maps;
  const { B, C, H, W } = dims(maps.tensor, "B C H W", "stacked");
  const tall = reshape(transpose(maps.tensor, [1, 0, 2, 3]), [1, C, B * H, W]);
  return { ...maps, tensor: named(tall, "B C H W", "stacked"), layout: "stacked" };
}

/** [C, B, H, W] of stacked maps. */
function channelsFirst({ tensor, numImages, sides }: FeatureMaps): Tensor {
  return reshape(tensor, [tensor.shape[1]!, numImages, ...sides]);
}

export interface SquareConv {
  readonly kernelSize: number;
  readonly stride: number;
}

/** A convolution whose padding keeps the sides (but for the stride), in the layout of what it is given. */
export function featureConv(maps: FeatureMaps, weight: Tensor, { kernelSize, stride }: SquareConv): FeatureMaps {
  if (maps.layout === "stacked" && kernelSize === 1) return pointwise(maps, weight, stride);
  const edge = (kernelSize - 1) / 2;
  const options = { strides: [stride, stride], padding: [edge, edge, edge, edge] } as const;
  const images = maps.layout === "stacked" ? transpose(channelsFirst(maps), [1, 0, 2, 3]) : maps.tensor;
  const convolved = planar(named(conv(images, weight, undefined, options), "B C H W", "featureConv"));
  return maps.layout === "stacked" ? stacked(convolved) : convolved;
}

/** One product over all images; a stride leaves out rows and columns first. */
function pointwise(maps: FeatureMaps, weight: Tensor, stride: number): FeatureMaps {
  if (stride === 1) return { ...maps, tensor: named(conv(maps.tensor, weight), "B C H W", "pointwise") };
  const kept = slice(channelsFirst(maps), [
    { axis: 2, start: 0, step: stride },
    { axis: 3, start: 0, step: stride },
  ]);
  const [C, B, H, W] = kept.shape as readonly [number, number, number, number]; // channelsFirst has four axes
  const convolved = conv(reshape(kept, [1, C, B * H, W]), weight);
  return { ...maps, tensor: named(convolved, "B C H W", "pointwise"), sides: [H, W] };
}

/** The mean of every channel of every image: [B, C]. */
export function channelMeans(maps: FeatureMaps, numImages: number): Tensor {
  const C = maps.tensor.shape[1]!;
  if (maps.layout === "planar") return reshape(globalAveragePool(maps.tensor), [numImages, C]);
  return transpose(reduceMean(channelsFirst(maps), [2, 3]), [1, 0]);
}

// Gradient rules of composites: several nodes differentiated as one, where the chain of their own rules would take more passes.
import { sizeOf } from "#base/array";
import { add, type Composite, type CompositeKind, channelDots, mul, ofChannels, reduceSum, type Tensor } from "#engine/graph";
import { type LazyCotangent, once } from "../gradient-rule.ts";

/** From the cotangent of a composite's output to those of its inputs, in their order. */
export type CompositeRule = (composite: Composite, dy: Tensor) => readonly LazyCotangent[];

/**
 * Batch normalisation by the batch's own statistics (Ioffe & Szegedy 2015). With c = x - mean, s = 1 / deviation, n values a channel:
 * dscale = s sum(dy c), dbias = sum(dy), dx = scale s (dy - sum(dy) / n - c s^2 sum(dy c) / n).
 */
const batchNormalisation: CompositeRule = ({ inputs, kept }, dy) => {
  const [centered, inverseDeviation, slope] = kept as readonly [Tensor, Tensor, Tensor]; // normalisedBatch keeps three
  const share = -inputs[1]!.shape[0]! / sizeOf(centered.shape);
  const sumOfCotangents = once(() => reduceSum(dy, [0, 2, 3]));
  const toScale = once(() => mul(channelDots(dy, centered), inverseDeviation));
  const toImages = () => {
    const ofCentered = mul(mul(mul(slope, inverseDeviation), toScale()), share);
    const constant = mul(mul(slope, sumOfCotangents()), share);
    const line = add(mul(centered, ofChannels(ofCentered)), ofChannels(constant));
    return add(mul(dy, ofChannels(slope)), line);
  };
  return [toImages, toScale, sumOfCotangents];
};

export const COMPOSITE_RULES: Readonly<Record<CompositeKind, CompositeRule>> = { batchNormalisation };

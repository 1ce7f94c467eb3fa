// Batch normalisation (Ioffe & Szegedy 2015) with PyTorch's names, statistics and running averages.
import { add, batchNormalization, type ChannelStatistics, cast, dims, mul, normalisedBatch, type Tensor } from "#engine/graph";
import { type BufferSpec, type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";

/** What normalises: each batch's own statistics ("batch", training), or the running averages ("running", looking and frozen layers). */
export type NormalisationMode = "batch" | "running";

/** The statistics of one batch at one layer. `numValues` is how many pixels each is of. */
export interface BatchStatistics extends ChannelStatistics {
  /** The layer's name. */
  readonly name: string;
  readonly numValues: number;
}

export interface Normalised {
  readonly images: Tensor<"B C H W">;
  /** There in mode "batch". */
  readonly statistics?: BatchStatistics;
}

/** torch.nn.BatchNorm2d's defaults. */
const EPSILON = 1e-5;
const RUNNING_MOMENTUM = 0.1;

export function batchNormParameters(name: string, numChannels: number): ParameterSpec[] {
  return [
    { name: `${name}.weight`, shape: [numChannels], initial: { kind: "ones" } },
    { name: `${name}.bias`, shape: [numChannels], initial: { kind: "zeros" } },
  ];
}

/** The running averages: not trained, but part of the network. */
export function batchNormBuffers(name: string, numChannels: number): BufferSpec[] {
  return [
    { name: `${name}.running_mean`, shape: [numChannels], initial: { kind: "zeros" } },
    { name: `${name}.running_var`, shape: [numChannels], initial: { kind: "ones" } },
  ];
}

/** Images [B, C, H, W] normalised channel by channel, scaled and shifted. Mode "running" reads the layer's buffers among the parameters. */
export function batchNorm(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  name: string,
  mode: NormalisationMode,
): Normalised {
  if (images.dtype === "float16") {
    // A batch's sums of squares leave 16 bits behind soon.
    const { images: normalised, ...kept } = batchNorm(cast(images, "float32"), parameters, name, mode);
    return { images: cast(normalised, "float16"), ...kept };
  }
  const [scale, bias] = [parameter(parameters, `${name}.weight`), parameter(parameters, `${name}.bias`)];
  if (mode === "running") {
    const averages = {
      mean: parameter(parameters, `${name}.running_mean`),
      variance: parameter(parameters, `${name}.running_var`),
    };
    return { images: batchNormalization(images, scale, bias, averages, { epsilon: EPSILON }) };
  }
  const { B, H, W } = dims(images, "B C H W", name);
  const normalised = normalisedBatch(images, scale, bias, { epsilon: EPSILON });
  return { images: normalised.images, statistics: { name, numValues: B * H * W, ...normalised.statistics } };
}

/**
 * The running averages after a forward pass that saw these batches, one after the other, by buffer name (PyTorch's update:
 * 0.9 of the old and 0.1 of the batch's, its variance as the estimate for more than the batch, n / (n - 1)).
 */
export function runningAverages(
  buffers: ReadonlyMap<string, Tensor>,
  batches: readonly BatchStatistics[],
): ReadonlyMap<string, Tensor> {
  const averages = new Map(buffers);
  const follow = (name: string, value: Tensor) =>
    averages.set(name, add(mul(parameter(averages, name), 1 - RUNNING_MOMENTUM), mul(value, RUNNING_MOMENTUM)));
  for (const { name, mean, variance, numValues } of batches) {
    follow(`${name}.running_mean`, mean);
    follow(`${name}.running_var`, mul(variance, numValues / Math.max(numValues - 1, 1)));
  }
  return averages;
}

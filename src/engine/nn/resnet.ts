// ResNet (He et al. 2016) in torchvision's form and under its names: the stride of a bottleneck sits in its 3x3 convolution.
import { add, cast, dims, graphOf, maxPool, named, relu, ShapeError, type Tensor } from "#engine/graph";
import { type BatchStatistics, batchNorm, batchNormBuffers, batchNormParameters, type NormalisationMode } from "./batch-norm.ts";
import { channelMeans, FEWEST_PLANAR_PIXELS, type FeatureMaps, featureConv, planar, stacked } from "./feature-maps.ts";
import { standardised } from "./input-scaling.ts";
import {
  type BufferSpec,
  type ComputePrecision,
  inTypeOf,
  type ParameterSpec,
  type ParameterTensors,
  parameterFor,
} from "./parameters.ts";
import { RESNET_DEPTHS, type ResnetConfig } from "./resnet-config.ts";

export interface ResnetOutput {
  /** Mean of each channel of the last stage: what the paper calls the embedding. */
  readonly embedding: Tensor<"R D">;
  /** Every layer's, in the order in which they were met. Empty in mode "running". */
  readonly statistics: readonly BatchStatistics[];
}

/** A convolution and the normalisation behind it: everything that fixes them but their values. */
interface ConvLayer {
  readonly convName: string;
  readonly normName: string;
  readonly numInputs: number;
  readonly numOutputs: number;
  readonly kernelSize: number;
  readonly stride: number;
}

interface Block {
  readonly name: string;
  readonly layers: readonly ConvLayer[];
  /** Where sides or channels change, the way round the block is a convolution too. */
  readonly shortcut?: ConvLayer;
}

/** Length of the embedding: 512 for ResNet-18 and -34, 2048 for ResNet-50 at width 64. */
export function resnetEmbeddingDim({ depth, width }: ResnetConfig): number {
  return 8 * width * expansionOf(depth);
}

/** The parameters, in the order of torchvision's state dict (without its classifier) and under its names. */
export function resnetParameters(config: ResnetConfig): ParameterSpec[] {
  checkResnetConfig(config);
  return layersOf(config).flatMap(({ convName, normName, numInputs, numOutputs, kernelSize }) => [
    {
      name: `${convName}.weight`,
      shape: [numOutputs, numInputs, kernelSize, kernelSize],
      // torchvision: kaiming_normal_(mode="fan_out", nonlinearity="relu").
      initial: { kind: "normal" as const, std: Math.sqrt(2 / (numOutputs * kernelSize * kernelSize)) },
    },
    ...batchNormParameters(normName, numOutputs),
  ]);
}

/** The running averages of every normalisation, under torchvision's names. */
export function resnetBuffers(config: ResnetConfig): BufferSpec[] {
  return layersOf(config).flatMap(({ normName, numOutputs }) => batchNormBuffers(normName, numOutputs));
}

/** Throws ShapeError for a stem whose kernel has no middle. */
export function checkResnetConfig({ stemKernelSize }: ResnetConfig): void {
  if (stemKernelSize % 2 === 1) return;
  throw new ShapeError(`resnet: expected an odd stemKernelSize, got ${stemKernelSize}.`);
}

/**
 * Images to embeddings. In mode "batch" every normalisation uses the statistics of `images` alone: one call a group of views.
 * The stem and the blocks may differ in it: `modeOf` gives the mode of "stem", "layer1.0", ...
 */
export function resnet(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: ResnetConfig,
  modeOf: NormalisationMode | ((layers: string) => NormalisationMode),
  precision: ComputePrecision = "float32",
): ResnetOutput {
  const { B, C } = dims(images, "B C H W", "resnet");
  if (C !== config.imageChannels) {
    throw new ShapeError(`resnet: expected images of ${config.imageChannels} channels, got [${images.shape}].`);
  }
  const statistics: BatchStatistics[] = [];
  const modeAt = typeof modeOf === "function" ? modeOf : () => modeOf;
  const convIn =
    (mode: NormalisationMode) =>
    (x: FeatureMaps, layer: ConvLayer): FeatureMaps => {
      const { tensor, ...layout } = featureConv(x, parameterFor(x.tensor, parameters, `${layer.convName}.weight`), layer);
      const normalised = batchNorm(tensor, parameters, layer.normName, mode);
      if (normalised.statistics) statistics.push(normalised.statistics);
      return { tensor: normalised.images, ...layout };
    };

  const graph = graphOf(images);
  let x = graph.scope("stem", () => stem(inPrecision(standardised(images, config), precision), config, convIn(modeAt("stem"))));
  for (const block of blocksOf(config)) {
    const mode = modeAt(block.name);
    // Training alone: a network that looks has constant kernels, for which ONNX Runtime has a layout of its own.
    const isStacked = mode === "batch" && isSmall(x, block);
    x = graph.scope(block.name, () => residual(isStacked ? stacked(x) : x, block, convIn(mode)));
  }
  return { embedding: inPrecision(named(channelMeans(x, B), "R D", "resnet"), "float32"), statistics };
}

function inPrecision<Axes extends string>(x: Tensor<Axes>, precision: ComputePrecision): Tensor<Axes> {
  return x.dtype === precision ? x : cast(x, precision);
}

type NormalisedConv = (x: FeatureMaps, layer: ConvLayer) => FeatureMaps;

function stem(images: Tensor<"B C H W">, config: ResnetConfig, normalisedConv: NormalisedConv): FeatureMaps {
  const x = rectified(normalisedConv(planar(images), stemOf(config)));
  if (config.stemPooling === "none") return x;
  // In 32 bits: its gradient adds up what windows share, which ONNX Runtime's CPU provider does not do in 16.
  const pooled = maxPool(inPrecision(x.tensor, "float32"), [3, 3], { strides: [2, 2], padding: [1, 1, 1, 1] });
  return planar(named(inTypeOf(x.tensor, pooled), "B C H W", "stem"));
}

/** The block's layers, all but the last with a rectifier, added to the way round them, and rectified. */
function residual(x: FeatureMaps, { layers, shortcut }: Block, normalisedConv: NormalisedConv): FeatureMaps {
  let branch = x;
  for (const [index, layer] of layers.entries()) {
    const normalised = normalisedConv(branch, layer);
    branch = index < layers.length - 1 ? rectified(normalised) : normalised;
  }
  const around = shortcut ? normalisedConv(x, shortcut) : x;
  return rectified({ ...branch, tensor: named(add(branch.tensor, around.tensor), "B C H W", "residual") });
}

function rectified(x: FeatureMaps): FeatureMaps {
  return { ...x, tensor: relu(x.tensor) };
}

/** Whether a block's products are thin enough, image by image, to be worth stacking: by the pixels that come out of it. */
function isSmall({ sides }: FeatureMaps, { layers }: Block): boolean {
  const stride = layers.reduce((product, layer) => product * layer.stride, 1);
  return Math.ceil(sides[0] / stride) * Math.ceil(sides[1] / stride) < FEWEST_PLANAR_PIXELS;
}

/** A bottleneck gives out four times the channels that it computes with. */
function expansionOf(depth: ResnetConfig["depth"]): 1 | 4 {
  return RESNET_DEPTHS[depth].block === "basic" ? 1 : 4;
}

function layersOf(config: ResnetConfig): readonly ConvLayer[] {
  const ofBlocks = blocksOf(config).flatMap(({ layers, shortcut }) => (shortcut ? [...layers, shortcut] : layers));
  return [stemOf(config), ...ofBlocks];
}

function stemOf({ imageChannels, width, stemKernelSize, stemStride }: ResnetConfig): ConvLayer {
  const shape = { numInputs: imageChannels, numOutputs: width, kernelSize: stemKernelSize, stride: stemStride };
  return { convName: "conv1", normName: "bn1", ...shape };
}

function blocksOf({ depth, width }: ResnetConfig): readonly Block[] {
  const expansion = expansionOf(depth);
  let numInputs = width;
  return RESNET_DEPTHS[depth].numBlocks.flatMap((numBlocks, stage) => {
    const inner = width * 2 ** stage;
    return Array.from({ length: numBlocks }, (_, index) => {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const block = blockOf(`layer${stage + 1}.${index}`, { numInputs, inner, stride, expansion });
      numInputs = inner * expansion;
      return block;
    });
  });
}

interface BlockShape {
  readonly numInputs: number;
  readonly inner: number;
  readonly stride: number;
  readonly expansion: 1 | 4;
}

function blockOf(name: string, { numInputs, inner, stride, expansion }: BlockShape): Block {
  const layer = (index: number, shape: Omit<ConvLayer, "convName" | "normName">): ConvLayer => ({
    convName: `${name}.conv${index}`,
    normName: `${name}.bn${index}`,
    ...shape,
  });
  const numOutputs = inner * expansion;
  const layers =
    expansion === 1
      ? [
          layer(1, { numInputs, numOutputs: inner, kernelSize: 3, stride }),
          layer(2, { numInputs: inner, numOutputs, kernelSize: 3, stride: 1 }),
        ]
      : [
          layer(1, { numInputs, numOutputs: inner, kernelSize: 1, stride: 1 }),
          layer(2, { numInputs: inner, numOutputs: inner, kernelSize: 3, stride }),
          layer(3, { numInputs: inner, numOutputs, kernelSize: 1, stride: 1 }),
        ];
  if (stride === 1 && numInputs === numOutputs) return { name, layers };
  const [convName, normName] = [`${name}.downsample.0`, `${name}.downsample.1`];
  return { name, layers, shortcut: { convName, normName, numInputs, numOutputs, kernelSize: 1, stride } };
}

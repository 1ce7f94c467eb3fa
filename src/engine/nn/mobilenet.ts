// MobileNetV2 (Sandler et al. 2018) for looking only: batch normalisation is folded into the convolutions already.
import { z } from "#base/config";
import { add, clip, conv, dims, globalAveragePool, graphOf, named, reshape, ShapeError, type Tensor } from "#engine/graph";
import { standardised } from "./input-scaling.ts";
import { type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";

const count = z.number().int().positive();

/** Defaults: TensorFlow's network of width 1 for ImageNet's colour pictures of 224 pixels. */
export const mobilenetConfigSchema = z.strictObject({
  kind: z.literal("mobilenetv2"),
  imageChannels: count.default(3),
  imageSize: count.default(224),
  /** Subtracted from every pixel, which is then divided by `inputStd`. TensorFlow Lite's (byte - 127) / 127.5 of bytes over 255. */
  inputMean: z.number().default(127 / 255),
  inputStd: z.number().positive().default(0.5),
});

export type MobilenetConfig = Readonly<z.infer<typeof mobilenetConfigSchema>>;

/** Length of an embedding: the last convolution's channels. */
export const MOBILENET_EMBEDDING_DIM = 1280;
const STEM_CHANNELS = 32;

/** Stages: expansion, channels given out, blocks, stride of the first block (Sandler et al. 2018, Table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** A convolution with a bias. `isDepthwise`: one kernel a channel. `isRectified`: ReLU6 behind it. */
interface Layer {
  readonly name: string;
  readonly numInputs: number;
  readonly numOutputs: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly isDepthwise: boolean;
  readonly isRectified: boolean;
}

/** An inverted residual: expand, filter, project; the way round is added where nothing changes size. */
interface Block {
  readonly layers: readonly Layer[];
  readonly isResidual: boolean;
}

interface MobilenetLayers {
  readonly stem: Layer;
  readonly blocks: readonly Block[];
  readonly last: Layer;
}

/** Weights and biases "l0" to "l51" in the order of the layers. */
export function mobilenetParameters(config: MobilenetConfig): ParameterSpec[] {
  const { stem, blocks, last } = layersOf(config);
  return [stem, ...blocks.flatMap(({ layers }) => layers), last].flatMap(
    ({ name, numInputs, numOutputs, kernelSize, isDepthwise }) => {
      const perKernel = isDepthwise ? 1 : numInputs;
      const std = Math.sqrt(2 / (numOutputs * kernelSize * kernelSize));
      return [
        {
          name: `${name}.weight`,
          shape: [numOutputs, perKernel, kernelSize, kernelSize],
          initial: { kind: "normal" as const, std },
        },
        { name: `${name}.bias`, shape: [numOutputs], initial: { kind: "zeros" as const } },
      ];
    },
  );
}

/** Images to embeddings: the mean of every channel of the last layer. Throws ShapeError for another number of channels. */
export function mobilenet(images: Tensor<"B C H W">, parameters: ParameterTensors, config: MobilenetConfig): Tensor<"R D"> {
  const { B, C } = dims(images, "B C H W", "mobilenet");
  if (C !== config.imageChannels)
    throw new ShapeError(`mobilenet: expected images of ${config.imageChannels} channels, got [${images.shape}].`);
  const graph = graphOf(images);
  const { stem, blocks, last } = layersOf(config);
  const through = (x: Tensor, layer: Layer) => graph.scope(layer.name, () => samePaddedConv(x, layer, parameters));
  let x: Tensor = through(standardised(images, config), stem);
  for (const { layers, isResidual } of blocks) {
    const branch = layers.reduce(through, x);
    x = isResidual ? add(x, branch) : branch;
  }
  return named(reshape(globalAveragePool(through(x, last)), [B, MOBILENET_EMBEDDING_DIM]), "R D", "mobilenet");
}

/** TensorFlow's "SAME": as many outputs as the stride leaves, odd padding at the bottom and the right. */
function samePaddedConv(
  x: Tensor,
  { name, kernelSize, stride, isDepthwise, isRectified, numInputs }: Layer,
  parameters: ParameterTensors,
): Tensor {
  const { H, W } = dims(x, "B C H W", name);
  const [top, bottom] = samePadding(H, kernelSize, stride);
  const [left, right] = samePadding(W, kernelSize, stride);
  const convolved = conv(x, parameter(parameters, `${name}.weight`), parameter(parameters, `${name}.bias`), {
    strides: [stride, stride],
    padding: [top, left, bottom, right],
    groups: isDepthwise ? numInputs : 1,
  });
  return isRectified ? clip(convolved, 0, 6) : convolved;
}

function samePadding(size: number, kernelSize: number, stride: number): readonly [number, number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernelSize - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function layersOf({ imageChannels }: MobilenetConfig): MobilenetLayers {
  let numLayers = 0;
  const layer = (shape: Omit<Layer, "name">): Layer => ({ name: `l${numLayers++}`, ...shape });
  const full = { isDepthwise: false, isRectified: true } as const;
  const stem = layer({ numInputs: imageChannels, numOutputs: STEM_CHANNELS, kernelSize: 3, stride: 2, ...full });
  let numInputs = STEM_CHANNELS;
  const blocks = STAGES.flatMap(([expansion, numOutputs, numBlocks, firstStride]) =>
    Array.from({ length: numBlocks }, (_, index): Block => {
      const stride = index === 0 ? firstStride : 1;
      const inner = expansion * numInputs;
      const expand = expansion === 1 ? [] : [layer({ numInputs, numOutputs: inner, kernelSize: 1, stride: 1, ...full })];
      const filter = layer({
        ...{ numInputs: inner, numOutputs: inner, kernelSize: 3, stride },
        ...{ isDepthwise: true, isRectified: true },
      });
      const project = layer({ numInputs: inner, numOutputs, kernelSize: 1, stride: 1, isDepthwise: false, isRectified: false });
      const isResidual = stride === 1 && numInputs === numOutputs;
      numInputs = numOutputs;
      return { layers: [...expand, filter, project], isResidual };
    }),
  );
  const last = layer({ numInputs, numOutputs: MOBILENET_EMBEDDING_DIM, kernelSize: 1, stride: 1, ...full });
  return { stem, blocks, last };
}

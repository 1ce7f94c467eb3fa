// The shape of a ResNet as settings, and the names that shapes have.
import { z } from "#base/config";

const count = z.number().int().positive();

/** Blocks in each of the four stages, and their kind (He et al. 2016, Table 1). */
export const RESNET_DEPTHS = {
  18: { block: "basic", numBlocks: [2, 2, 2, 2] },
  34: { block: "basic", numBlocks: [3, 4, 6, 3] },
  50: { block: "bottleneck", numBlocks: [3, 4, 6, 3] },
} as const;

/** Defaults: ResNet-50 with one channel, views of 224 pixels (paper section 3.2). */
export const resnetConfigSchema = z.strictObject({
  kind: z.literal("resnet"),
  imageChannels: count.default(1),
  depth: z.literal([18, 34, 50]).default(50),
  /** Channels of the first stage; each later one has twice as many (a bottleneck gives out four times them). */
  width: count.default(64),
  /** Side of the first convolution's kernel (odd), in pixels, and its stride. Small pictures do better with 3 and 1. */
  stemKernelSize: count.default(7),
  stemStride: count.default(2),
  /** The first 3x3 maximum pooling of stride 2: there as in torchvision, or left out. */
  stemPooling: z.enum(["max", "none"]).default("max"),
  /** Side of the pictures it is shown when it embeds, in pixels. It takes any other as well. */
  imageSize: count.default(224),
  /** Subtracted from every pixel (default 0), which is then divided by `inputStd` (default 1): the paper shows [0, 1] as it is. */
  inputMean: z.number().optional(),
  inputStd: z.number().positive().optional(),
});

export type ResnetConfig = Readonly<z.infer<typeof resnetConfigSchema>>;

/** The shape that "resnet18", "resnet34" or "resnet50" stands for; undefined for any other text. */
export function resnetConfigOf(name: string, imageSize = 224): ResnetConfig | undefined {
  const depth = /^resnet-?(18|34|50)$/.exec(name)?.[1];
  return depth === undefined ? undefined : resnetConfigSchema.parse({ kind: "resnet", depth: Number(depth), imageSize });
}

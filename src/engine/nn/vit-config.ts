// The shape of a Vision Transformer as settings, and the names that shapes have.
import { z } from "#base/config";

const count = z.number().int().positive();

/** Widths, depths and heads that have names: DeiT's tiny, small and base. */
export const VIT_SIZES = {
  "vit-ti": { embedDim: 192, depth: 12, numHeads: 3, mlpRatio: 4 },
  "vit-s": { embedDim: 384, depth: 12, numHeads: 6, mlpRatio: 4 },
  "vit-b": { embedDim: 768, depth: 12, numHeads: 12, mlpRatio: 4 },
} as const;

/** Defaults: ViT-S/8, one channel, views of 224 pixels (paper section 3.2). */
export const vitConfigSchema = z.strictObject({
  /** May be left out: a Vision Transformer is the default. */
  kind: z.literal("vit").optional(),
  imageChannels: count.default(1),
  /** Side of a token, in pixels. */
  patchSize: count.default(8),
  embedDim: count.default(VIT_SIZES["vit-s"].embedDim),
  depth: count.default(VIT_SIZES["vit-s"].depth),
  numHeads: count.default(VIT_SIZES["vit-s"].numHeads),
  mlpRatio: z.number().positive().default(VIT_SIZES["vit-s"].mlpRatio),
  /** Side of the view whose patches have a learned position each, in pixels; other sizes resize the positions. */
  imageSize: count.default(224),
  /** Subtracted from every pixel (default 0), which is then divided by `inputStd` (default 1): the paper shows [0, 1] as it is. */
  inputMean: z.number().optional(),
  inputStd: z.number().positive().optional(),
});

export type VitConfig = Readonly<z.infer<typeof vitConfigSchema>>;

/** The shape that a name such as "vit-s8" stands for: a size and a patch; undefined for any other text. */
export function vitConfigOf(name: string, imageSize = 224): VitConfig | undefined {
  const [, size, patch] = /^(vit-(?:ti|s|b))(\d+)$/.exec(name) ?? [];
  if (size === undefined) return undefined;
  // The pattern above lets only the names of VIT_SIZES through.
  return { imageChannels: 1, patchSize: Number(patch), imageSize, ...VIT_SIZES[size as keyof typeof VIT_SIZES] };
}

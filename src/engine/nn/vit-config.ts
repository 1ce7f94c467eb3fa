// The shape of a Vision Transformer as settings, and the names that shapes have.
import { z } from "#base/config";

const count = z.number().int().positive();

/** Widths, depths and heads that have names: DeiT's tiny, small and base, ViT's large, and the giant of DINOv2. */
export const VIT_SIZES = {
  "vit-ti": { embedDim: 192, depth: 12, numHeads: 3, mlpRatio: 4 },
  "vit-s": { embedDim: 384, depth: 12, numHeads: 6, mlpRatio: 4 },
  "vit-b": { embedDim: 768, depth: 12, numHeads: 12, mlpRatio: 4 },
  "vit-l": { embedDim: 1024, depth: 24, numHeads: 16, mlpRatio: 4 },
  "vit-g": { embedDim: 1536, depth: 40, numHeads: 24, mlpRatio: 4, mlp: "swiglu", layerScale: 1e-5 },
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
  /** What stands between the two linear layers of a block: GELU (default), or a gate (DINOv2's SwiGLU, `swigluDim` wide). */
  mlp: z.enum(["gelu", "swiglu"]).optional(),
  /** First value of a learnt factor for every channel of every residual branch (CaiT's LayerScale); left out: no factors. */
  layerScale: z.number().optional(),
  /** Learnt tokens without a position or a picture (Darcet et al. 2024). Default 0. */
  numRegisters: z.number().int().nonnegative().optional(),
  /** Whether queries, keys and values are shifted. Default true. */
  qkvBias: z.boolean().optional(),
  /** How learnt positions are resized to another grid; see `positionResizeMatrix`. Default "dino". */
  positionResize: z.enum(["dino", "antialias"]).optional(),
  /** Side of the view whose patches have a learned position each, in pixels; other sizes resize the positions. */
  imageSize: count.default(224),
  /** Subtracted from every pixel (default 0), which is then divided by `inputStd` (default 1): the paper shows [0, 1] as it is. */
  inputMean: z.number().optional(),
  inputStd: z.number().positive().optional(),
});

export type VitConfig = Readonly<z.infer<typeof vitConfigSchema>>;

/** The shape that a name such as "vit-s8" stands for: a size and a patch; undefined for any other text. */
export function vitConfigOf(name: string, imageSize = 224): VitConfig | undefined {
  const [, size, patch] = /^(vit-(?:ti|s|b|l|g))(\d+)$/.exec(name) ?? [];
  if (size === undefined) return undefined;
  // The pattern above lets only the names of VIT_SIZES through.
  return { imageChannels: 1, patchSize: Number(patch), imageSize, ...VIT_SIZES[size as keyof typeof VIT_SIZES] };
}

/** How many tokens stand before the patches': the class token and the registers. */
export function numTokensBeforePatches({ numRegisters = 0 }: VitConfig): number {
  return 1 + numRegisters;
}

/** Tokens of a square image: the class token, registers and patches. */
export function numTokensOf(config: VitConfig, side: number): number {
  return numTokensBeforePatches(config) + (side / config.patchSize) ** 2;
}

/** Width of the hidden layer between a block's two linear layers. */
export function mlpHiddenDim({ embedDim, mlpRatio, mlp }: VitConfig): number {
  return mlp === "swiglu" ? swigluDim(embedDim * mlpRatio) : embedDim * mlpRatio;
}

/** DINOv2's width of a gated layer with as many weights as a plain one of `hiddenDim`: two thirds, then up to a multiple of 8. */
function swigluDim(hiddenDim: number): number {
  return Math.ceil(Math.floor((Math.floor(hiddenDim) * 2) / 3) / 8) * 8;
}

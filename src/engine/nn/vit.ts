// Vision Transformer as DINO trains it (paper section 3.2: deit_small with patches of 8 pixels), and DINOv2's variants of it.
import { dims, graphOf, ShapeError, type Tensor } from "#engine/graph";
import { type AttentionOutput, attention, classAttention, fusedAttention, type TokenLayout } from "./attention.ts";
import { layerNorm, layerNormParameters } from "./linear.ts";
import type { ComputePrecision, ParameterSpec, ParameterTensors } from "./parameters.ts";
import { type BlockPlace, block, blockParameters, blockScales, lastBlock } from "./vit-block.ts";
import { mlpHiddenDim, numTokensBeforePatches, type VitConfig } from "./vit-config.ts";
import { embeddedTokens, tokenParameters } from "./vit-tokens.ts";

export interface VitOutput {
  /** The class token after the last normalisation: what the paper calls the embedding. */
  readonly embedding: Tensor<"R D">;
  /** What the class token looks at in the last block: itself first, then the registers, then the patches row by row. */
  readonly lastAttention: Tensor<"B H Q N">;
}

/** The parameters, in the order of PyTorch's state dict and under its names. Throws ShapeError for sizes that do not divide. */
export function vitParameters(config: VitConfig): ParameterSpec[] {
  checkVitConfig(config);
  const blocks = Array.from({ length: config.depth }, (_, index) => blockParameters(`blocks.${index}`, config));
  return [...tokenParameters(config), ...blocks.flat(), ...layerNormParameters("norm", config.embedDim)];
}

/** Throws ShapeError where heads do not divide the width or patches the image, or the hidden layer's width is no whole number. */
export function checkVitConfig(config: VitConfig): void {
  const { embedDim, numHeads, mlpRatio, imageSize, patchSize } = config;
  if (embedDim % numHeads !== 0)
    throw new ShapeError(`vit: expected an embedDim that ${numHeads} heads divide, got ${embedDim}.`);
  if (imageSize % patchSize !== 0)
    throw new ShapeError(`vit: expected an imageSize that patches of ${patchSize} pixels divide, got ${imageSize}.`);
  if (!Number.isInteger(mlpHiddenDim(config)))
    throw new ShapeError(`vit: expected an mlpRatio that makes a whole number of embedDim ${embedDim}, got ${mlpRatio}.`);
}

export interface VitOptions {
  /** See `vit`. */
  readonly dropPathScales?: Tensor<"R B">;
  /** "fused" is quicker and has no gradient (default: "differentiable"). */
  readonly attention?: "differentiable" | "fused";
  /** Default "float32". What goes in and what comes out is float32 either way. */
  readonly precision?: ComputePrecision | undefined;
}

/**
 * Images to embeddings. `dropPathScales` [2 x depth, B] multiplies each image's share of each residual branch
 * (stochastic depth: 0 or 1 / keep probability); leave it out when looking.
 */
export function vit(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: VitConfig,
  { dropPathScales, precision, attention: form = "differentiable" }: VitOptions = {},
): VitOutput {
  const { numHeads } = config;
  const forms: AttentionForms<AttentionOutput> = {
    all: (rows, name, layout) =>
      form === "fused"
        ? fusedAttention(rows, parameters, name, layout, numHeads)
        : attention(rows, parameters, name, layout, numHeads).rows,
    ofClass: (rows, name, layout) => classAttention(rows, parameters, name, layout, numHeads),
  };
  const { embedding, last } = vitWith(forms, images, parameters, config, {
    ...(dropPathScales ? { dropPathScales } : {}),
    precision,
  });
  return { embedding, lastAttention: last.weights };
}

/** How tokens look at each other in one form of the network. `name` is the layer's ("blocks.3.attn"). */
export interface AttentionForms<Last> {
  /** Every token asks: [B x N, D] -> [B x N, D]. */
  all(rows: Tensor<"R D">, name: string, layout: TokenLayout): Tensor<"R D">;
  /** The class tokens alone ask: [B x N, D] -> rows [B, D]. */
  ofClass(rows: Tensor<"R D">, name: string, layout: TokenLayout): Last;
}

/** The network with a given form of attention; `last` is what `ofClass` gave in the last block. */
export function vitWith<Last extends { readonly rows: Tensor<"R D"> }>(
  forms: AttentionForms<Last>,
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: VitConfig,
  { dropPathScales, precision }: Pick<VitOptions, "dropPathScales" | "precision"> = {},
): { readonly embedding: Tensor<"R D">; readonly last: Last } {
  const { B, H, W } = dims(images, "B C H W", "vit");
  const numPatches = (H / config.patchSize) * (W / config.patchSize);
  const layout = { numImages: B, numTokens: numTokensBeforePatches(config) + numPatches };
  const graph = graphOf(images);
  const placeOf = (index: number): BlockPlace => {
    const scales = dropPathScales ? blockScales(dropPathScales, index, B) : undefined;
    return { parameters, name: `blocks.${index}`, layout, config, scales, precision };
  };
  const inBlock = <T>(index: number, build: (place: BlockPlace) => T) =>
    graph.scope(`blocks.${index}`, () => build(placeOf(index)));

  let rows = graph.scope("patch_embed", () => embeddedTokens(images, parameters, config));
  for (let index = 0; index < config.depth - 1; index++) {
    rows = inBlock(index, (place) => block(rows, place, (normed) => forms.all(normed, `${place.name}.attn`, layout)));
  }
  const { embedding, attended } = inBlock(config.depth - 1, (place) =>
    lastBlock(rows, place, (normed) => forms.ofClass(normed, `${place.name}.attn`, layout)),
  );
  return { embedding: layerNorm(embedding, parameters, "norm"), last: attended };
}

// Vision Transformer as DINO trains it (paper section 3.2: deit_small with patches of 8 pixels): any width, depth and patch.
import {
  add,
  concat,
  dims,
  expand,
  gelu,
  gemm,
  graphOf,
  matMul,
  mul,
  named,
  reshape,
  ShapeError,
  slice,
  split,
  type Tensor,
  transpose,
} from "#engine/graph";
import { attention, attentionParameters, classAttention, classRows, type TokenLayout } from "./attention.ts";
import { standardised } from "./input-scaling.ts";
import { layerNorm, layerNormParameters, linear, linearParameters } from "./linear.ts";
import { type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";
import { positionResizeMatrix } from "./position-resize.ts";
import type { VitConfig } from "./vit-config.ts";

export interface VitOutput {
  /** The class token after the last normalisation: what the paper calls the embedding. */
  readonly embedding: Tensor<"R D">;
  /** What the class token looks at in the last block: itself first, then the patches row by row. */
  readonly lastAttention: Tensor<"B H Q N">;
}

/** The parameters, in the order of PyTorch's state dict and under its names. Throws ShapeError for sizes that do not divide. */
export function vitParameters(config: VitConfig): ParameterSpec[] {
  checkVitConfig(config);
  const { imageChannels, patchSize, embedDim, depth, mlpRatio } = config;
  const gridSide = config.imageSize / patchSize;
  const patchLength = imageChannels * patchSize * patchSize;
  // The patch projection keeps PyTorch's own first values of a convolution (reference: DINO's init touches only linear layers).
  const patchBound = 1 / Math.sqrt(patchLength);
  const blocks = Array.from({ length: depth }, (_, index) => blockParameters(`blocks.${index}`, embedDim, mlpRatio));
  return [
    { name: "cls_token", shape: [1, 1, embedDim], initial: { kind: "normal", std: 0.02 } },
    { name: "pos_embed", shape: [1, 1 + gridSide * gridSide, embedDim], initial: { kind: "normal", std: 0.02 } },
    {
      name: "patch_embed.proj.weight",
      shape: [embedDim, imageChannels, patchSize, patchSize],
      initial: { kind: "uniform", bound: patchBound },
    },
    { name: "patch_embed.proj.bias", shape: [embedDim], initial: { kind: "uniform", bound: patchBound } },
    ...blocks.flat(),
    ...layerNormParameters("norm", embedDim),
  ];
}

/**
 * Images to embeddings. `dropPathScales` [2 x depth, B] multiplies each image's share of each residual branch
 * (stochastic depth: 0 or 1 / keep probability); leave it out when looking.
 */
export function vit(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: VitConfig,
  dropPathScales?: Tensor<"R B">,
): VitOutput {
  const { B, H, W } = dims(images, "B C H W", "vit");
  const layout = { numImages: B, numTokens: 1 + (H / config.patchSize) * (W / config.patchSize) };
  const graph = graphOf(images);
  let rows = graph.scope("patch_embed", () => embeddedTokens(standardised(images, config), parameters, config));
  const scalesOf = (index: number) => (dropPathScales ? blockScales(dropPathScales, index, B) : undefined);
  for (let index = 0; index < config.depth - 1; index++) {
    rows = graph.scope(`blocks.${index}`, () =>
      block(rows, parameters, `blocks.${index}`, layout, config.numHeads, scalesOf(index)),
    );
  }
  const last = config.depth - 1;
  const { embedding, weights } = graph.scope(`blocks.${last}`, () =>
    lastBlock(rows, parameters, `blocks.${last}`, layout, config.numHeads, scalesOf(last)),
  );
  return { embedding: layerNorm(embedding, parameters, "norm"), lastAttention: weights };
}

/** Throws ShapeError where heads do not divide the width or patches the image, or the hidden layer's width is no whole number. */
export function checkVitConfig({ embedDim, numHeads, mlpRatio, imageSize, patchSize }: VitConfig): void {
  if (embedDim % numHeads !== 0)
    throw new ShapeError(`vit: expected an embedDim that ${numHeads} heads divide, got ${embedDim}.`);
  if (imageSize % patchSize !== 0)
    throw new ShapeError(`vit: expected an imageSize that patches of ${patchSize} pixels divide, got ${imageSize}.`);
  if (!Number.isInteger(mlpRatio * embedDim))
    throw new ShapeError(`vit: expected an mlpRatio that makes a whole number of embedDim ${embedDim}, got ${mlpRatio}.`);
}

function blockParameters(name: string, embedDim: number, mlpRatio: number): ParameterSpec[] {
  return [
    ...layerNormParameters(`${name}.norm1`, embedDim),
    ...attentionParameters(`${name}.attn`, embedDim),
    ...layerNormParameters(`${name}.norm2`, embedDim),
    ...linearParameters(`${name}.mlp.fc1`, embedDim, mlpRatio * embedDim),
    ...linearParameters(`${name}.mlp.fc2`, mlpRatio * embedDim, embedDim),
  ];
}

/** Patches projected, the class token in front, positions added: [B x N, D]. */
function embeddedTokens(images: Tensor<"B C H W">, parameters: ParameterTensors, config: VitConfig): Tensor<"R D"> {
  const { patchSize: p, embedDim } = config;
  const { B, C, H, W } = dims(images, "B C H W", "vit");
  if (C !== config.imageChannels || H % p !== 0 || W % p !== 0) {
    throw new ShapeError(
      `vit: expected images of ${config.imageChannels} channels with sides that ${p} divides, got [${images.shape}].`,
    );
  }
  const [rows, columns] = [H / p, W / p];
  const patches = reshape(transpose(reshape(images, [B, C, rows, p, columns, p]), [0, 2, 4, 1, 3, 5]), [
    B * rows * columns,
    C * p * p,
  ]);
  const weight = reshape(parameter(parameters, "patch_embed.proj.weight"), [embedDim, C * p * p]);
  const projected = gemm(patches, weight, parameter(parameters, "patch_embed.proj.bias"), { transB: true });
  const positions = resizedPositions(parameter(parameters, "pos_embed"), rows, columns);
  const classTokens = expand(parameter(parameters, "cls_token"), [B, 1, embedDim]);
  const tokens = add(concat([classTokens, reshape(projected, [B, rows * columns, embedDim])], 1), positions);
  return named(reshape(tokens, [B * (1 + rows * columns), embedDim]), "R D", "patch_embed");
}

/** Positions for a grid of rows x columns, the class token's own in front: [1, 1 + rows x columns, D]. */
function resizedPositions(positions: Tensor, rows: number, columns: number): Tensor {
  const { N, D } = dims(positions, "one N D", "vit: pos_embed");
  const side = Math.round(Math.sqrt(N - 1));
  if (rows === side && columns === side) return positions;
  const [ofClass, ofPatches] = split(reshape(positions, [N, D]), [1, N - 1], 0) as [Tensor, Tensor]; // two sizes were asked for
  const matrix = graphOf(positions).constant(positionResizeMatrix(side, rows, columns));
  return reshape(concat([ofClass, matMul(matrix, ofPatches)], 0), [1, 1 + rows * columns, D]);
}

/** Scales of a block's two residual branches. */
type BranchScales = readonly [Tensor<"B one one">, Tensor<"B one one">];

/** Pre-norm block: x + attention(norm(x)), then x + mlp(norm(x)). */
function block(
  rows: Tensor<"R D">,
  parameters: ParameterTensors,
  name: string,
  layout: TokenLayout,
  numHeads: number,
  scales: BranchScales | undefined,
): Tensor<"R D"> {
  const attended = attention(layerNorm(rows, parameters, `${name}.norm1`), parameters, `${name}.attn`, layout, numHeads);
  const middle = residual(rows, attended.rows, layout, scales?.[0]);
  return residual(middle, mlp(middle, parameters, name), layout, scales?.[1]);
}

/** The last block, for the class tokens alone: [B x N, D] -> [B, D], with what they look at. */
function lastBlock(
  rows: Tensor<"R D">,
  parameters: ParameterTensors,
  name: string,
  layout: TokenLayout,
  numHeads: number,
  scales: BranchScales | undefined,
): { readonly embedding: Tensor<"R D">; readonly weights: Tensor<"B H Q N"> } {
  const onlyClass = { numImages: layout.numImages, numTokens: 1 };
  const attended = classAttention(layerNorm(rows, parameters, `${name}.norm1`), parameters, `${name}.attn`, layout, numHeads);
  const middle = residual(classRows(rows, layout), attended.rows, onlyClass, scales?.[0]);
  const embedding = residual(middle, mlp(middle, parameters, name), onlyClass, scales?.[1]);
  return { embedding, weights: attended.weights };
}

function mlp(rows: Tensor<"R D">, parameters: ParameterTensors, name: string): Tensor<"R D"> {
  const hidden = gelu(linear(layerNorm(rows, parameters, `${name}.norm2`), parameters, `${name}.mlp.fc1`));
  return linear(hidden, parameters, `${name}.mlp.fc2`);
}

function blockScales(dropPathScales: Tensor<"R B">, index: number, B: number): BranchScales {
  const branch = (row: number) =>
    named(reshape(slice(dropPathScales, { axis: 0, start: row, end: row + 1 }), [B, 1, 1]), "B one one", "dropPathScales");
  return [branch(2 * index), branch(2 * index + 1)];
}

/** The rows with a branch added, each image's share of it scaled by stochastic depth. */
function residual(
  rows: Tensor<"R D">,
  branch: Tensor<"R D">,
  { numImages, numTokens }: TokenLayout,
  scale: BranchScales[0] | undefined,
) {
  const D = rows.shape[1]!;
  const scaled = scale ? reshape(mul(reshape(branch, [numImages, numTokens, D]), scale), [numImages * numTokens, D]) : branch;
  return named(add(rows, scaled), "R D", "residual");
}

// From a picture to the tokens of a Vision Transformer: patches, the class token, positions, registers.
import {
  add,
  concat,
  dims,
  expand,
  gemm,
  graphOf,
  matMul,
  named,
  reshape,
  ShapeError,
  split,
  type Tensor,
  transpose,
} from "#engine/graph";
import { standardised } from "./input-scaling.ts";
import { type ParameterSpec, type ParameterTensors, parameter } from "./parameters.ts";
import { positionResizeMatrix } from "./position-resize.ts";
import { numTokensBeforePatches, type VitConfig } from "./vit-config.ts";

/** In the order of PyTorch's state dict: class token, positions, registers, patch projection. */
export function tokenParameters({ imageChannels, patchSize, embedDim, imageSize, numRegisters = 0 }: VitConfig): ParameterSpec[] {
  const gridSide = imageSize / patchSize;
  // The patch projection keeps PyTorch's own first values of a convolution (reference: DINO's init touches only linear layers).
  const bound = 1 / Math.sqrt(imageChannels * patchSize * patchSize);
  const registers: ParameterSpec = {
    name: "register_tokens",
    shape: [1, numRegisters, embedDim],
    // DINOv2: nn.init.normal_(self.register_tokens, std=1e-6).
    initial: { kind: "normal", std: 1e-6 },
  };
  return [
    { name: "cls_token", shape: [1, 1, embedDim], initial: { kind: "normal", std: 0.02 } },
    { name: "pos_embed", shape: [1, 1 + gridSide * gridSide, embedDim], initial: { kind: "normal", std: 0.02 } },
    ...(numRegisters > 0 ? [registers] : []),
    {
      name: "patch_embed.proj.weight",
      shape: [embedDim, imageChannels, patchSize, patchSize],
      initial: { kind: "uniform", bound },
    },
    { name: "patch_embed.proj.bias", shape: [embedDim], initial: { kind: "uniform", bound } },
  ];
}

/**
 * Patches projected, the class token in front, positions added, registers between (they have no position): [B x N, D] with
 * N = 1 + numRegisters + patches. Throws ShapeError for channels or sides that do not fit.
 */
export function embeddedTokens(images: Tensor<"B C H W">, parameters: ParameterTensors, config: VitConfig): Tensor<"R D"> {
  const { patchSize: p, embedDim, numRegisters = 0 } = config;
  const { B, C, H, W } = dims(images, "B C H W", "vit");
  if (C !== config.imageChannels || H % p !== 0 || W % p !== 0) {
    throw new ShapeError(
      `vit: expected images of ${config.imageChannels} channels with sides that ${p} divides, got [${images.shape}].`,
    );
  }
  const [rows, columns] = [H / p, W / p];
  const positions = resizedPositions(parameter(parameters, "pos_embed"), rows, columns, config);
  const classTokens = expand(parameter(parameters, "cls_token"), [B, 1, embedDim]);
  const patches = projectedPatches(standardised(images, config), parameters, config);
  const placed = add(concat([classTokens, patches], 1), positions);
  const tokens = numRegisters > 0 ? withRegisters(placed, parameters, numRegisters) : placed;
  return named(reshape(tokens, [B * (numTokensBeforePatches(config) + rows * columns), embedDim]), "R D", "patch_embed");
}

/** [B, C, H, W] -> [B, patches, D]. */
function projectedPatches(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  { patchSize: p, embedDim }: VitConfig,
): Tensor {
  const { B, C, H, W } = dims(images, "B C H W", "vit");
  const [rows, columns] = [H / p, W / p];
  const patches = reshape(transpose(reshape(images, [B, C, rows, p, columns, p]), [0, 2, 4, 1, 3, 5]), [
    B * rows * columns,
    C * p * p,
  ]);
  const weight = reshape(parameter(parameters, "patch_embed.proj.weight"), [embedDim, C * p * p]);
  const projected = gemm(patches, weight, parameter(parameters, "patch_embed.proj.bias"), { transB: true });
  return reshape(projected, [B, rows * columns, embedDim]);
}

/** The registers behind the class token: [B, 1 + P, D] -> [B, 1 + R + P, D]. */
function withRegisters(tokens: Tensor, parameters: ParameterTensors, numRegisters: number): Tensor {
  const { B, N, D } = dims(tokens, "B N D", "vit: tokens");
  const [ofClass, ofPatches] = split(tokens, [1, N - 1], 1) as [Tensor, Tensor]; // two sizes were asked for
  const registers = expand(parameter(parameters, "register_tokens"), [B, numRegisters, D]);
  return concat([ofClass, registers, ofPatches], 1);
}

/** Positions for a grid of rows x columns, the class token's own in front: [1, 1 + rows x columns, D]. */
function resizedPositions(positions: Tensor, rows: number, columns: number, { positionResize = "dino" }: VitConfig): Tensor {
  const { N, D } = dims(positions, "one N D", "vit: pos_embed");
  const side = Math.round(Math.sqrt(N - 1));
  if (rows === side && columns === side) return positions;
  const [ofClass, ofPatches] = split(reshape(positions, [N, D]), [1, N - 1], 0) as [Tensor, Tensor]; // two sizes were asked for
  const matrix = graphOf(positions).constant(positionResizeMatrix(side, rows, columns, positionResize));
  return reshape(concat([ofClass, matMul(matrix, ofPatches)], 0), [1, 1 + rows * columns, D]);
}

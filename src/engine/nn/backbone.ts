// The network that is kept, of either kind: what the rest of the program needs to know without asking which.
import { z } from "#base/config";
import type { Tensor } from "#engine/graph";
import type { BatchStatistics, NormalisationMode } from "./batch-norm.ts";
import type { BufferSpec, ParameterSpec, ParameterTensors } from "./parameters.ts";
import { checkResnetConfig, resnet, resnetBuffers, resnetEmbeddingDim, resnetParameters } from "./resnet.ts";
import { type ResnetConfig, resnetConfigOf, resnetConfigSchema } from "./resnet-config.ts";
import { checkVitConfig, type VitOptions, vitParameters } from "./vit.ts";
import { type VitConfig, vitConfigOf, vitConfigSchema } from "./vit-config.ts";
import { vitInPasses } from "./vit-passes.ts";

/** `kind` tells the two apart; a configuration without it is a Vision Transformer's. */
export const backboneConfigSchema = z.discriminatedUnion("kind", [vitConfigSchema, resnetConfigSchema]);

export type BackboneConfig = VitConfig | ResnetConfig;

/** The shape that a name such as "vit-s8" or "resnet50" stands for; undefined for any other text. */
export function backboneConfigOf(name: string, imageSize = 224): BackboneConfig | undefined {
  return vitConfigOf(name, imageSize) ?? resnetConfigOf(name, imageSize);
}

export function isResnet(config: BackboneConfig): config is ResnetConfig {
  return config.kind === "resnet";
}

/** Throws ShapeError where sizes do not fit together. */
export function checkBackboneConfig(config: BackboneConfig): void {
  if (isResnet(config)) checkResnetConfig(config);
  else checkVitConfig(config);
}

/** What is trained, in the order and under the names of PyTorch's state dict. */
export function backboneParameters(config: BackboneConfig): ParameterSpec[] {
  return isResnet(config) ? resnetParameters(config) : vitParameters(config);
}

/** What is not trained but kept: running averages. A Vision Transformer has none. */
export function backboneBuffers(config: BackboneConfig): BufferSpec[] {
  return isResnet(config) ? resnetBuffers(config) : [];
}

/** Length of an embedding. */
export function embeddingDimOf(config: BackboneConfig): number {
  return isResnet(config) ? resnetEmbeddingDim(config) : config.embedDim;
}

/** Sides of pictures must be a multiple of this, in pixels. */
export function sideUnitOf(config: BackboneConfig): number {
  return isResnet(config) ? 1 : config.patchSize;
}

/** Blocks that stochastic depth can skip. */
export function numDroppableBlocks(config: BackboneConfig): number {
  return isResnet(config) ? 0 : config.depth;
}

export interface BackboneOutput {
  readonly embedding: Tensor<"R D">;
  /** In mode "batch": what the running averages are to follow. */
  readonly statistics: readonly BatchStatistics[];
}

export interface BackboneOptions extends VitOptions {
  /** What batch normalisation uses. One mode, or of a ResNet one for each layer group by its name. */
  readonly mode: NormalisationMode | ((layers: string) => NormalisationMode);
}

/** Images to embeddings through a backbone of either kind. */
export function backbone(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: BackboneConfig,
  { mode, ...ofVit }: BackboneOptions,
): BackboneOutput {
  if (isResnet(config)) return resnet(images, parameters, config, mode, ofVit.precision);
  return { embedding: vitInPasses(images, parameters, config, ofVit), statistics: [] };
}

// Networks that may be looked with: those that are trained here, and MobileNetV2.
import { z } from "#base/config";
import { type BackboneConfig, backboneBuffers, backboneParameters, embeddingDimOf, isResnet, sideUnitOf } from "./backbone.ts";
import { MOBILENET_EMBEDDING_DIM, type MobilenetConfig, mobilenetConfigSchema, mobilenetParameters } from "./mobilenet.ts";
import type { ParameterSpec } from "./parameters.ts";
import { resnetConfigSchema } from "./resnet-config.ts";
import { type VitConfig, vitConfigSchema } from "./vit-config.ts";

/** `kind` tells them apart; a configuration without it is a Vision Transformer's. */
export const frozenConfigSchema = z.discriminatedUnion("kind", [vitConfigSchema, resnetConfigSchema, mobilenetConfigSchema]);

export type FrozenConfig = BackboneConfig | MobilenetConfig;

export function isMobilenet(config: FrozenConfig): config is MobilenetConfig {
  return config.kind === "mobilenetv2";
}

/** The one kind that has tokens, attention and linear layers. */
export function isVit(config: FrozenConfig): config is VitConfig {
  return !isMobilenet(config) && !isResnet(config);
}

/** What a network is called in sentences. */
export function kindName(config: FrozenConfig): string {
  if (isMobilenet(config)) return "a MobileNetV2";
  return isResnet(config) ? "a ResNet" : "a Vision Transformer";
}

/** All tensors of a network, trained or kept, in the order and under the names of PyTorch's state dict. */
export function frozenSpecs(config: FrozenConfig): ParameterSpec[] {
  return isMobilenet(config) ? mobilenetParameters(config) : [...backboneParameters(config), ...backboneBuffers(config)];
}

/** Length of an embedding. */
export function frozenEmbeddingDim(config: FrozenConfig): number {
  return isMobilenet(config) ? MOBILENET_EMBEDDING_DIM : embeddingDimOf(config);
}

/** Sides of pictures must be a multiple of this, in pixels. */
export function frozenSideUnit(config: FrozenConfig): number {
  return isMobilenet(config) ? 1 : sideUnitOf(config);
}

/** The name of the convolution that sees the picture. */
export function firstKernels(config: FrozenConfig): string {
  if (isMobilenet(config)) return "l0.weight";
  return isResnet(config) ? "conv1.weight" : "patch_embed.proj.weight";
}

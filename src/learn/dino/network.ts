// The network that DINO trains twice over: a backbone and, for training alone, a projection head.

import type { Tensor } from "#engine/graph";
import {
  type BackboneConfig,
  type BatchStatistics,
  type BufferSpec,
  backbone,
  backboneBuffers,
  backboneParameters,
  embeddingDimOf,
  type HeadConfig,
  type HeadOutput,
  headParameters,
  type ParameterSpec,
  type ParameterTensors,
  PROTOTYPES,
  projectionHead,
  type VitOptions,
} from "#engine/nn";

export interface NetworkConfig {
  readonly backbone: BackboneConfig;
  readonly head: HeadConfig;
}

/** Views of one size with their drop-path scales: batch normalisation is over all of them. */
export interface ViewGroup {
  readonly images: Tensor<"B C H W">;
  readonly dropPathScales?: Tensor<"R B">;
}

export interface NetworkOutput extends HeadOutput {
  readonly embeddings: Tensor<"R D">;
  /** Of every batch normalisation. */
  readonly statistics: readonly BatchStatistics[];
}

export interface NetworkOptions extends Pick<VitOptions, "attention" | "precision"> {
  /** Where they are known already; see `inverseLengths`. */
  readonly inversePrototypeLengths?: Tensor<"one K">;
}

export function networkParameters({ backbone, head }: NetworkConfig): ParameterSpec[] {
  return [...backboneParameters(backbone), ...headParameters(embeddingDimOf(backbone), head)];
}

/** Running averages, which each network follows by itself: the teacher's are of what the teacher sees (as in DINO's code). */
export function networkBuffers({ backbone }: NetworkConfig): BufferSpec[] {
  return backboneBuffers(backbone);
}

/** Views through the backbone, with batch statistics of their own, and through the head. */
export function network(
  { images, dropPathScales }: ViewGroup,
  parameters: ParameterTensors,
  config: NetworkConfig,
  { attention = "differentiable", precision, inversePrototypeLengths }: NetworkOptions = {},
): NetworkOutput {
  const { embedding, statistics } = backbone(images, parameters, config.backbone, {
    mode: "batch",
    attention,
    precision,
    ...(dropPathScales ? { dropPathScales } : {}),
  });
  return { embeddings: embedding, ...projectionHead(embedding, parameters, inversePrototypeLengths), statistics };
}

/** The parameter groups of DINO's optimisers. */
export const PARAMETER_GROUPS = ["decayed", "undecayed", "prototypes"] as const;
export type ParameterGroup = (typeof PARAMETER_GROUPS)[number];

/** Biases and other vectors are not decayed; the prototypes are, and may be frozen. Class token and positions have three axes: decayed. */
export function groupOf({ name, shape }: ParameterSpec): ParameterGroup {
  if (name === PROTOTYPES) return "prototypes";
  return name.endsWith(".bias") || shape.length === 1 ? "undecayed" : "decayed";
}

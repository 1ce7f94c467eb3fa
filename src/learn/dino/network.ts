// The network that DINO trains twice over: a backbone and, for training alone, a projection head.

import { concat, named, type Tensor } from "#engine/graph";
import {
  type BackboneConfig,
  type BatchStatistics,
  type BufferSpec,
  backbone,
  backboneBuffers,
  backboneParameters,
  embeddingDimOf,
  type HeadConfig,
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

/** One size of views with its drop-path scales: everything that goes through the backbone in one pass. */
export interface ViewGroup {
  readonly images: Tensor<"B C H W">;
  readonly dropPathScales?: Tensor<"R B">;
}

export interface NetworkOutput {
  readonly embeddings: Tensor<"R D">;
  readonly logits: Tensor<"R K">;
  /** Of every batch normalisation, group by group. */
  readonly statistics: readonly BatchStatistics[];
}

export function networkParameters({ backbone, head }: NetworkConfig): ParameterSpec[] {
  return [...backboneParameters(backbone), ...headParameters(embeddingDimOf(backbone), head)];
}

/** Running averages, which each network follows by itself: the teacher's are of what the teacher sees (as in DINO's code). */
export function networkBuffers({ backbone }: NetworkConfig): BufferSpec[] {
  return backboneBuffers(backbone);
}

/** Each group through the backbone, with batch statistics of its own; all embeddings through the head at once. Rows follow the order of the groups. */
export function network(
  groups: readonly ViewGroup[],
  parameters: ParameterTensors,
  config: NetworkConfig,
  { attention = "differentiable", precision }: Pick<VitOptions, "attention" | "precision"> = {},
): NetworkOutput {
  const perGroup = groups.map(({ images, dropPathScales }) =>
    backbone(images, parameters, config.backbone, {
      mode: "batch",
      attention,
      precision,
      ...(dropPathScales ? { dropPathScales } : {}),
    }),
  );
  const rows = perGroup.map(({ embedding }) => embedding);
  const embeddings = named(rows.length === 1 ? rows[0]! : concat(rows, 0), "R D", "network");
  const statistics = perGroup.flatMap((group) => group.statistics);
  return { embeddings, logits: projectionHead(embeddings, parameters), statistics };
}

/** The parameter groups of DINO's optimisers. */
export const PARAMETER_GROUPS = ["decayed", "undecayed", "prototypes"] as const;
export type ParameterGroup = (typeof PARAMETER_GROUPS)[number];

/** Biases and other vectors are not decayed; the prototypes are, and may be frozen. Class token and positions have three axes: decayed. */
export function groupOf({ name, shape }: ParameterSpec): ParameterGroup {
  if (name === PROTOTYPES) return "prototypes";
  return name.endsWith(".bias") || shape.length === 1 ? "undecayed" : "decayed";
}

// The network that DINO trains twice over: a backbone and, for training alone, a projection head.

import { concat, named, type Tensor } from "#engine/graph";
import {
  type HeadConfig,
  headParameters,
  type ParameterSpec,
  type ParameterTensors,
  PROTOTYPES,
  projectionHead,
  type VitConfig,
  vit,
  vitParameters,
} from "#engine/nn";

export interface NetworkConfig {
  readonly backbone: VitConfig;
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
}

export function networkParameters({ backbone, head }: NetworkConfig): ParameterSpec[] {
  return [...vitParameters(backbone), ...headParameters(backbone.embedDim, head)];
}

/** Each group through the backbone, all embeddings through the head at once. Rows follow the order of the groups. */
export function network(groups: readonly ViewGroup[], parameters: ParameterTensors, { backbone }: NetworkConfig): NetworkOutput {
  const perGroup = groups.map(({ images, dropPathScales }) => vit(images, parameters, backbone, dropPathScales).embedding);
  const embeddings = named(perGroup.length === 1 ? perGroup[0]! : concat(perGroup, 0), "R D", "network");
  return { embeddings, logits: projectionHead(embeddings, parameters) };
}

/** The parameter groups of DINO's optimisers. */
export const PARAMETER_GROUPS = ["decayed", "undecayed", "prototypes"] as const;
export type ParameterGroup = (typeof PARAMETER_GROUPS)[number];

/** Biases and other vectors are not decayed; the prototypes are, and may be frozen. Class token and positions have three axes: decayed. */
export function groupOf({ name, shape }: ParameterSpec): ParameterGroup {
  if (name === PROTOTYPES) return "prototypes";
  return name.endsWith(".bias") || shape.length === 1 ? "undecayed" : "decayed";
}

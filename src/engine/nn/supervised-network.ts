// A backbone with a prediction head, frozen from below as far as wanted: the network of fine-tuning (paper section 4.3, appendix C.1).
import { named, type Tensor } from "#engine/graph";
import { type BackboneConfig, backbone, embeddingDimOf } from "./backbone.ts";
import type { BatchStatistics } from "./batch-norm.ts";
import { frozenPrefix, layerGroups, layerwiseDecay } from "./layer-groups.ts";
import type { OptimisedParameter } from "./optimiser-graph.ts";
import type { BufferSpec, ParameterSpec, ParameterTensors } from "./parameters.ts";
import { type PredictionHeadConfig, predictionHead, predictionHeadParameters } from "./prediction-head.ts";

export interface SupervisedConfig {
  readonly backbone: BackboneConfig;
  readonly head: Omit<PredictionHeadConfig, "inputDim">;
  /** So many layer groups (`layerGroups`) stay as they are, the picture's first; as many as there are: the head alone learns. */
  readonly numFrozenGroups: number;
}

/** Who learns and who does not, all under PyTorch's names. */
export interface SupervisedParameters {
  /** Learnt: the upper layer groups, then the head. */
  readonly trained: readonly ParameterSpec[];
  readonly frozen: readonly ParameterSpec[];
  /** Running averages that follow the batches: those of trained layers. */
  readonly followedBuffers: readonly BufferSpec[];
  readonly frozenBuffers: readonly BufferSpec[];
}

/** Throws ShapeError where there are not so many layer groups. */
export function supervisedParameters({ backbone, head, numFrozenGroups }: SupervisedConfig): SupervisedParameters {
  const { frozen, trained } = frozenPrefix(backbone, numFrozenGroups);
  const ofHead = predictionHeadParameters({ ...head, inputDim: embeddingDimOf(backbone) });
  return {
    trained: [...trained.flatMap(({ parameters }) => parameters), ...ofHead],
    frozen: frozen.flatMap(({ parameters }) => parameters),
    followedBuffers: trained.flatMap(({ buffers }) => buffers),
    frozenBuffers: frozen.flatMap(({ buffers }) => buffers),
  };
}

/**
 * The trained parameters as an optimiser takes them: vectors are not decayed, and each layer group's rate is `layerDecay` to the
 * power of how many groups are between it and the head (as in fine-tuning RGZ BYOL, Slijepcevic et al. 2024; the head's and the
 * uppermost group's are the full rate).
 */
export function supervisedOptimisation(config: SupervisedConfig, layerDecay: number): readonly OptimisedParameter[] {
  const scales = layerwiseDecay(layerGroups(config.backbone), layerDecay);
  return supervisedParameters(config).trained.map(({ name, shape }) => ({
    name,
    shape,
    rateScale: scales.get(name) ?? 1,
    isDecayed: shape.length > 1,
  }));
}

export interface SupervisedOutput {
  /** Logits of classes, or the numbers of a regression. */
  readonly predictions: Tensor<"R K">;
  readonly embeddings: Tensor<"R D">;
  /** Of the trained layers' batch normalisations, for `runningAverages`; none in mode "running". */
  readonly statistics: readonly BatchStatistics[];
}

/**
 * Images to predictions; `parameters` are all of `supervisedParameters`. In mode "batch" trained layers normalise by the batch and
 * frozen ones by their running averages; in mode "running" all do the latter (to look).
 */
export function supervisedNetwork(
  images: Tensor<"B C H W">,
  parameters: ParameterTensors,
  config: SupervisedConfig,
  { mode, dropPathScales }: { readonly mode: "batch" | "running"; readonly dropPathScales?: Tensor<"R B"> },
): SupervisedOutput {
  const frozen = new Set(frozenPrefix(config.backbone, config.numFrozenGroups).frozen.map(({ name }) => name));
  const { embedding, statistics } = backbone(images, parameters, config.backbone, {
    mode: (layers) => (frozen.has(layers) ? "running" : mode),
    ...(dropPathScales ? { dropPathScales } : {}),
  });
  const embeddings = named(embedding, "R D", "supervisedNetwork");
  const head = { ...config.head, inputDim: embeddingDimOf(config.backbone) };
  return { predictions: predictionHead(embeddings, parameters, head), embeddings, statistics };
}

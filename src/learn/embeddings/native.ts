// Second door of learn/embeddings: backbones that compute, opened by name, and what a transformer looks at.
export {
  type AttentionMaps,
  type AttentionMapsWithRollout,
  attentionMaps,
  attentionMapsWithRollout,
} from "./native/attention-maps.ts";
export { type ExportOptions, exportedOnnx, exportedTensors, type OpenedExport, openExport } from "./native/export-backbone.ts";
export { applyLargePca, fitLargePca, largePcaBlocks } from "./native/large-pca.ts";
export { type FloatMatrix, MatrixProducts } from "./native/matrix-products.ts";
export { type NeighbourOptions, type Neighbours, nearestNeighbours } from "./native/nearest-neighbours.ts";
export { type BackboneOptions, networkBackbone, openBackbone, seenRowsOf } from "./native/open-backbone.ts";
export { type ProjectRowsOptions, projectRows } from "./native/project-rows.ts";
export { openTrainableBackbone, type TrainableBackbone } from "./native/trainable-backbone.ts";
export { type TrustworthinessOptions, trustworthiness } from "./native/trustworthiness.ts";
export type { BackboneWeights } from "./native/weights.ts";

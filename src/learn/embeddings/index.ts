// Door of learn/embeddings: crops through a frozen backbone to a table of vectors, the floors, and PCA.
export * from "./attention-rollout.ts";
export * from "./backbone.ts";
export * from "./embed-crop-set.ts";
export * from "./embedding-source.ts";
export * from "./embedding-table.ts";
export * from "./export-notes.ts";
export * from "./floors.ts";
export * from "./matrix.ts";
export * from "./metric.ts";
export * from "./model-card.ts";
export * from "./nearest-candidates.ts";
export * from "./pca.ts";
export * from "./precision-check.ts";
export * from "./projection.ts";
export * from "./row-blocks.ts";
export * from "./seen-rows.ts";
export * from "./symmetric-eigen.ts";

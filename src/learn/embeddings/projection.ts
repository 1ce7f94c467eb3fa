// Embeddings on a plane, to be looked at (paper Figure 6): what was asked, and what came out.

export const PROJECTION_METHODS = ["pca", "tsne", "umap"] as const;
export type ProjectionMethod = (typeof PROJECTION_METHODS)[number];

/** How rows become points of a plane. The same rows and settings give the same points. */
export interface ProjectionSettings {
  readonly method: ProjectionMethod;
  /** Whether every column is first brought to mean 0 and standard deviation 1. */
  readonly scaling: "standardised" | "none";
  /** Principal components that t-SNE and UMAP are shown; null: all columns. */
  readonly numComponents: number | null;
  /** t-SNE: how many neighbours a point attends to, roughly. */
  readonly perplexity: number;
  /** t-SNE: steps. */
  readonly numIterations: number;
  /** UMAP: neighbours of a point. */
  readonly numNeighbours: number;
  /** UMAP: how near points may lie. */
  readonly minDistance: number;
  /** UMAP: passes; null: 500, or 200 from 10,000 rows on. */
  readonly numEpochs: number | null;
}

/** As the paper's code prepares them (standardised, 30 components), with the usual settings of t-SNE and UMAP. */
export const PROJECTION_DEFAULTS: Omit<ProjectionSettings, "method"> = {
  scaling: "standardised",
  numComponents: 30,
  perplexity: 30,
  numIterations: 1000,
  numNeighbours: 15,
  minDistance: 0.1,
  numEpochs: null,
};

/** How far neighbours on the plane are neighbours in truth, 0 to 1 (Venna & Kaski 2001). */
export interface Trustworthiness {
  readonly value: number;
  readonly numNeighbours: number;
  /** Rows it was measured on: all, or that many of them spread evenly. */
  readonly numMeasured: number;
}

export interface Projection {
  /** What shaped it: the method, and those settings that it knows. */
  readonly parameters: Readonly<Record<string, string | number | null>>;
  /** [N, 2] */
  readonly coordinates: Float64Array;
  /** Against the rows that were projected, scaled but with all columns. */
  readonly trustworthiness: Trustworthiness;
}

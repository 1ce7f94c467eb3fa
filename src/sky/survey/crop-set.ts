// The crop set: what a survey becomes before training. Files as docs/crop-set.md; axes [N, H, W], linear flux.

/** What is known of one crop. A thing that a set does not have is null: never zero. */
export interface CropRecord {
  /** Unique in its set. */
  readonly id: string;
  readonly field: string;
  readonly survey: string | null;
  /** First row and column of the crop, without its margin, in its field image; null for sets of single pictures. */
  readonly y0: number | null;
  readonly x0: number | null;
  readonly raDeg: number | null;
  readonly decDeg: number | null;
  /** Corners of the crop without margin: (y0, x0), (y0, x1), (y1, x1), (y1, x0). Null where there is no WCS. */
  readonly cornersRaDeg: readonly number[] | null;
  readonly cornersDecDeg: readonly number[] | null;
  /** Flux limits of the contrast stretch, in the set's flux unit: of the whole field, or of the image where there is no flux. */
  readonly lowFlux: number;
  readonly highFlux: number;
  readonly rms: number | null;
  /** Noise of the field as its survey's table gives it (MGCLS Table 1). */
  readonly quotedRmsJyPerBeam: number | null;
  /** 0 good dynamic range, 1 moderate, 2 poor, 3 ripples across the image (Knowles et al. 2022). */
  readonly dataQualityFlag: number | null;
  /** Catalogued sources owned by this crop; null where no catalogue covers it. */
  readonly sourceCount: number | null;
  /** Fraction of the crop that the catalogue covers, 0 to 1; null without a catalogue. */
  readonly catalogueCoverage: number | null;
  /** Sources whose pixel the crop holds, also those that an overlapping crop owns: what the five measures below are taken over. */
  readonly shownSourceCount: number | null;
  /** Of the shown sources whose flux the catalogue gives; null where there is none of them. */
  readonly summedFluxJy: number | null;
  readonly meanFluxJy: number | null;
  readonly brightestFluxJy: number | null;
  /** Mean over the shown sources of the root of major times minor axis (FWHM); null where there is none with a size. */
  readonly meanSizeDeg: number | null;
  /** Shown sources per square degree of the crop that the catalogue covers. */
  readonly sourceDensityPerSqDeg: number | null;
  /** "train", "valid" and "test" as a set's makers or a split command fixed them; null where nothing is fixed. */
  readonly split: string | null;
  /** Class name of a labelled set. */
  readonly label: string | null;
  /** How sure the makers are of the label: "confident" or "uncertain" (MiraBest). */
  readonly labelConfidence: string | null;
  /** What the makers say beyond the class: "standard", "wide-angle tail", "head-tail", "double-double" (MiraBest). */
  readonly morphology: string | null;
  /** The catalogue or paper that a label comes from, where a set collects several (RadioGalaxyDataset). */
  readonly labelOrigin: string | null;
  /** A person's score of how interesting the crop is, 1 to 5 (MGCLS Protege). */
  readonly interestScore: number | null;
  /** Of the labelled source, or of the field's cluster (Table 1 of a survey). */
  readonly redshift: number | null;
  /** Connected groups of non-zero pixels (RadioGalaxyNET): a proxy computed from the pixels, not a catalogue. */
  readonly islandCount: number | null;
}

/** All that may be unknown of a crop, unknown: makers of records spread it and say what they know. */
export const UNKNOWN_CROP = {
  survey: null,
  y0: null,
  x0: null,
  raDeg: null,
  decDeg: null,
  cornersRaDeg: null,
  cornersDecDeg: null,
  rms: null,
  quotedRmsJyPerBeam: null,
  dataQualityFlag: null,
  sourceCount: null,
  catalogueCoverage: null,
  shownSourceCount: null,
  summedFluxJy: null,
  meanFluxJy: null,
  brightestFluxJy: null,
  meanSizeDeg: null,
  sourceDensityPerSqDeg: null,
  split: null,
  label: null,
  labelConfidence: null,
  morphology: null,
  labelOrigin: null,
  interestScore: null,
  redshift: null,
  islandCount: null,
} as const satisfies Partial<CropRecord>;

/** One field image that a crop set was cut from. */
export interface FieldRecord {
  readonly name: string;
  readonly file: string;
  readonly height: number;
  readonly width: number;
  readonly lowFlux: number;
  readonly highFlux: number;
  readonly pixelScaleDeg: number | null;
  readonly beamMajorDeg: number | null;
  readonly beamMinorDeg: number | null;
  readonly beamPositionAngleDeg: number | null;
  /** SHA-256 of the bytes that were read. */
  readonly sha256: string;
}

/** A field whose header, if it has one, tells neither pixel nor beam: makers of records spread it and say what they know. */
export const NO_BEAM = {
  pixelScaleDeg: null,
  beamMajorDeg: null,
  beamMinorDeg: null,
  beamPositionAngleDeg: null,
} as const satisfies Partial<FieldRecord>;

/** cropset.json */
export interface CropSetInfo {
  readonly version: 1;
  readonly name: string;
  /** The published set that it was imported from, as it is called there: "MiraBest". Absent for sets of one's own. */
  readonly collection?: string;
  readonly fluxUnit: "Jy/beam" | "arbitrary";
  readonly tiling: "cover" | "paper" | "cutouts" | "images";
  /** Side of a crop without its margin, and of the stored square with it, in pixels. */
  readonly cropSize: number;
  readonly storedSize: number;
  readonly lowPercentile: number;
  readonly highPercentile: number;
  readonly resizeRule: string;
  readonly fields: readonly FieldRecord[];
  readonly catalogue: ReadTable | null;
  /** How the catalogue became labels; absent without one, and in the first sets. */
  readonly labels?: LabelRules;
  /** What the crops were cut round, where they were not tiled. */
  readonly centres?: ReadTable;
  /** The survey's table of fields, and how many of the fields it has. */
  readonly fieldTable?: ReadTable;
  /** How the splits were drawn, where a command drew them. */
  readonly split?: SplitRules;
  /** Of sources.parquet, where the set has one. */
  readonly sourcesSha256?: string;
}

/** A table that was read: its rows that count. */
export interface ReadTable {
  readonly file: string;
  readonly sha256: string;
  readonly sources: number;
}

/** See PrepareOptions. */
export interface LabelRules {
  readonly keepSources: "all" | "single-gaussian";
  readonly minCoverage: number;
  readonly excludeAround: { readonly fluxJy: number; readonly radiusArcmin: number } | null;
  readonly footprints: readonly { readonly raDeg: number; readonly decDeg: number; readonly radiusDeg: number }[];
}

/** How a split command drew test rows; `drawnFrom` names the set that a subset was drawn from. */
export interface SplitRules {
  readonly by: "crop" | "field" | "label" | null;
  readonly testFraction: number | null;
  readonly seed: number;
  readonly drawnFrom: string | null;
}

/** An open crop set. `pixelsOf` gives [storedSize, storedSize] linear values of one crop. */
export interface CropSet {
  readonly info: CropSetInfo;
  readonly records: readonly CropRecord[];
  /** SHA-256 over the hashes of what it was made from, how, and its table: to record with results, the same under every name. */
  readonly sha256: string;
  /** Of sets that are two in one: the sets as they are on disk. */
  readonly madeOf?: readonly CropSet[];
  pixelsOf(index: number): Float32Array;
  close(): void;
}

// Door of sky/simulator: MeerKAT-like fields of a made-up sky with their truth and catalogue, and labelled cutouts of radio galaxies.

export { apparentComponents, apparentFluxJy } from "./apparent-sky.ts";
export { DATA_QUALITIES, type DataQuality, type DataQualityFlag } from "./data-quality.ts";
export { type DetectionBin, detectionCounts, summedDetections } from "./detection-counts.ts";
export { DIFFUSE_KINDS, type DiffuseKind, type DiffuseSource, sampleDiffuseSource } from "./diffuse-source.ts";
export { checkSky, type FieldRange, MGCLS_SKY, MOST_FIELDS, type SkyConfig } from "./field-config.ts";
export { type FieldFacts, sampleFieldFacts } from "./field-facts.ts";
export { type FieldGeometry, fieldGeometryOf, isInside } from "./field-geometry.ts";
export {
  CUTOUT_LABELS,
  type Cutout,
  type CutoutConfig,
  type CutoutLabel,
  DEFAULT_CUTOUTS,
  simulateCutout,
} from "./first-cutouts.ts";
export { compactHeading, formatCompactLines } from "./format-compact-catalogue.ts";
export { formatTruthLines, truthHeading } from "./format-truth.ts";
export { type NoiseMap, noiseMap } from "./noise-map.ts";
export { type ObservedField, observeSky } from "./observe-sky.ts";
export { RADIO_GALAXY_KINDS, type RadioGalaxy, type RadioGalaxyKind, sampleRadioGalaxy } from "./radio-galaxy.ts";
export { sampleSky } from "./sample-sky.ts";
export { type CataloguedSource, type PlacedObject, type SimulatedField, simulateField } from "./simulate-field.ts";
export { OBJECT_KINDS, type ObjectKind, type SkyGaussian, type SkyObject } from "./sky-object.ts";
export { SMALL_SKY } from "./small-sky.ts";
export { euclideanCounts, type SourceCounts, skyTemperature, sourceCounts } from "./source-counts.ts";
export { medianSizeArcsec, sampleSizeArcsec, sampleSpectralIndex } from "./source-properties.ts";

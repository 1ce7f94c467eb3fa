// The sky of one field: sources by the counts, radio galaxies among the large ones, a cluster, and the bright source of a bad field.
import { type Random, randomFor } from "#base/array";
import { type Clustering, type PlaceSampler, placeSampler } from "./clustering.ts";
import { DATA_QUALITIES } from "./data-quality.ts";
import { DIFFUSE_SHARES, sampleDiffuseSource } from "./diffuse-source.ts";
import { chosen, logUniform, poisson } from "./draws.ts";
import type { SkyConfig } from "./field-config.ts";
import type { FieldFacts } from "./field-facts.ts";
import type { FieldGeometry } from "./field-geometry.ts";
import { type RadioGalaxyKind, sampleRadioGalaxy } from "./radio-galaxy.ts";
import { roundGaussian, type SkyObject } from "./sky-object.ts";
import { fluxRatioTo, sourceCounts } from "./source-counts.ts";
import { sampleSizeArcsec, sampleSpectralIndex } from "./source-properties.ts";

/** Sources above both become radio galaxies. */
const GALAXY_LEAST_ARCSEC = 12;
const GALAXY_LEAST_JY = 2e-4;
/** Smaller sources are painted as points; no beam of some arcsec tells them apart. */
const POINT_ARCSEC = 0.8;
/** Single Gaussians are at most four beams wide. */
const LARGEST_GAUSSIAN_ARCSEC = 32;
const CLUSTERING_SCALE_DEG = 5 / 60;
const CLUSTER_REACH_DEG = 5 / 60;

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Everything that a draw of the sky needs to know of its field. */
interface SkySetting {
  readonly config: SkyConfig;
  readonly facts: FieldFacts;
  readonly geometry: FieldGeometry;
  readonly cluster: Place | undefined;
}

/** All objects that shine into the field, inside its image or in the padding around it. The same for the same settings. */
export function sampleSky(config: SkyConfig, facts: FieldFacts, geometry: FieldGeometry): readonly SkyObject[] {
  const { seed, fieldIndex } = facts;
  const clusterRandom = randomFor(seed, "sky cluster", fieldIndex);
  const cluster = clusterRandom.chance(config.clusterProbability) ? clusterPlace(geometry, clusterRandom) : undefined;
  const setting: SkySetting = { config, facts, geometry, cluster };
  return [
    ...populationObjects(setting),
    ...(cluster ? clusterObjects(setting, cluster, clusterRandom) : []),
    ...plantedObjects(setting, randomFor(seed, "sky bright source", fieldIndex)),
  ];
}

/** The sources of the counts. None is brighter than what the field's data quality allows. */
function populationObjects(setting: SkySetting): readonly SkyObject[] {
  const { config, facts, geometry } = setting;
  const counts = sourceCounts(config.frequencyHz, config.minFluxJy, config.maxFluxJy);
  const random = randomFor(facts.seed, "sky sources", facts.fieldIndex);
  const clustering: Clustering = { rms: config.clusteringRms, scalePixels: CLUSTERING_SCALE_DEG / config.pixelScaleDeg };
  const samplePlace = placeSampler(geometry.gridSize, clustering, randomFor(facts.seed, "sky density", facts.fieldIndex));
  const area = (geometry.gridSize * config.pixelScaleDeg) ** 2;
  const number = poisson(counts.perSqDeg * area * facts.densityFactor, random);
  const [, brightest] = DATA_QUALITIES[facts.dataQualityFlag].brightestJy;
  return Array.from({ length: number }, (_, index) => {
    const place = placeIn(geometry, samplePlace, random);
    const power = geometry.powerAt(place.x, place.y);
    let fluxJy = counts.fluxAt(random.uniform());
    while (fluxJy * power > brightest) fluxJy = counts.fluxAt(random.uniform());
    return sampleObject(`S${index}`, { ...place, fluxJy }, setting, random);
  });
}

function placeIn({ padding }: FieldGeometry, samplePlace: PlaceSampler, random: Random): Place {
  const { x, y } = samplePlace(random);
  return { x: x - padding - 0.5, y: y - padding - 0.5 };
}

/** A source of given place and flux: a point, a Gaussian or a radio galaxy, by the size that it draws. */
function sampleObject(id: string, source: Place & { readonly fluxJy: number }, setting: SkySetting, random: Random): SkyObject {
  const { fluxJy } = source;
  const largestSizeArcsec = sampleSizeArcsec(fluxJy / fluxRatioTo(setting.config.frequencyHz), random);
  const shared = { id, ...source, spectralIndex: sampleSpectralIndex(fluxJy, random), isInCluster: false };
  if (largestSizeArcsec > GALAXY_LEAST_ARCSEC && fluxJy > GALAXY_LEAST_JY) {
    const kind = sampleKind(source, setting, random);
    return { ...shared, kind, largestSizeArcsec, ...sampleRadioGalaxy(kind, { largestSizeArcsec, fluxJy }, random) };
  }
  const axisRatio = random.uniformBetween(0.4, 1);
  const positionAngleDeg = random.uniformBetween(0, 180);
  if (largestSizeArcsec < POINT_ARCSEC) {
    return { ...shared, kind: "point", largestSizeArcsec: 0, components: [roundGaussian(0, 0, fluxJy, 0)], coreFraction: null };
  }
  const majorArcsec = Math.min(largestSizeArcsec, LARGEST_GAUSSIAN_ARCSEC);
  const gaussian = { ...roundGaussian(0, 0, fluxJy, majorArcsec), minorArcsec: axisRatio * majorArcsec, positionAngleDeg };
  return { ...shared, kind: "gauss", largestSizeArcsec: majorArcsec, components: [gaussian], coreFraction: null };
}

/** Shares of the kinds other than FRII; tails are three times as many near a cluster. */
const OTHER_SHARES = { FRI: 35, WAT: 8, NAT: 4, HYB: 3, other: 15 };

function sampleKind(
  { x, y, fluxJy }: Place & { readonly fluxJy: number },
  { cluster, config }: SkySetting,
  random: Random,
): RadioGalaxyKind {
  // Bright ones are more often of class II.
  const lobedShare = Math.min(Math.max(0.25 + 0.2 * Math.log10(fluxJy * 1000), 0.2), 0.7);
  const reach = CLUSTER_REACH_DEG / config.pixelScaleDeg;
  const tails = cluster && Math.hypot(x - cluster.x, y - cluster.y) < reach ? 3 : 1;
  const others = { ...OTHER_SHARES, WAT: tails * OTHER_SHARES.WAT, NAT: tails * OTHER_SHARES.NAT };
  return random.chance(lobedShare) ? "FRII" : chosen(others, random);
}

/** Within an arcminute of the image's centre. */
function clusterPlace({ fieldSize, pixelScaleDeg }: FieldGeometry, random: Random): Place {
  const reach = 1 / 60 / pixelScaleDeg;
  const angle = random.uniformBetween(0, 2 * Math.PI);
  const distance = reach * Math.sqrt(random.uniform());
  const centre = (fieldSize - 1) / 2;
  return { x: centre + distance * Math.cos(angle), y: centre + distance * Math.sin(angle) };
}

/** A diffuse source, and 10 to 40 galaxies within 3'. */
function clusterObjects(setting: SkySetting, cluster: Place, random: Random): readonly SkyObject[] {
  const pixelArcsec = setting.config.pixelScaleDeg * 3600;
  const kind = chosen(DIFFUSE_SHARES, random);
  const { eastArcsec, northArcsec, ...diffuse } = sampleDiffuseSource(kind, random);
  const galaxies = Array.from({ length: 10 + random.integer(31) }, (_, index) => {
    const angle = random.uniformBetween(0, 2 * Math.PI);
    const distance = (180 / pixelArcsec) * random.uniform();
    const place = { x: cluster.x + distance * Math.cos(angle), y: cluster.y + distance * Math.sin(angle) };
    const fluxJy = logUniform([5e-5, 3e-3], random);
    return { ...sampleObject(`C${index}`, { ...place, fluxJy }, setting, random), isInCluster: true };
  });
  // East is -x.
  const place = { x: cluster.x - eastArcsec / pixelArcsec, y: cluster.y + northArcsec / pixelArcsec };
  return [{ id: "D0", kind, ...place, ...diffuse, isInCluster: true, coreFraction: null }, ...galaxies];
}

/** The bright point source that a badly calibrated field is known by, within the primary beam's half power. */
function plantedObjects({ facts, config, geometry }: SkySetting, random: Random): readonly SkyObject[] {
  const [low, high] = DATA_QUALITIES[facts.dataQualityFlag].brightestJy;
  if (low === 0) return [];
  const half = Math.min(config.primaryBeamFwhmDeg / 2 / config.pixelScaleDeg, 0.48 * geometry.fieldSize);
  const centre = (geometry.fieldSize - 1) / 2;
  const angle = random.uniformBetween(0, 2 * Math.PI);
  const distance = half * Math.sqrt(random.uniform());
  const place = { x: centre + distance * Math.cos(angle), y: centre + distance * Math.sin(angle) };
  const fluxJy = logUniform([low, high], random) / geometry.powerAt(place.x, place.y);
  return [
    {
      id: "B0",
      kind: "point",
      ...place,
      fluxJy,
      spectralIndex: sampleSpectralIndex(fluxJy, random),
      largestSizeArcsec: 0,
      isInCluster: false,
      components: [roundGaussian(0, 0, fluxJy, 0)],
      coreFraction: null,
    },
  ];
}

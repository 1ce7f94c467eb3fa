// How well a finder of peaks does on a simulated field: completeness and purity by signal-to-noise (paper section 2.3).
import { apparentFluxJy } from "./apparent-sky.ts";
import type { SkyConfig } from "./field-config.ts";
import { type FieldGeometry, fieldGeometryOf } from "./field-geometry.ts";
import { areaOf, covarianceOfBeam, covarianceOfGaussian, summed } from "./gaussian-shape.ts";
import { localPeaks } from "./local-peaks.ts";
import { type NoiseMap, noiseMap } from "./noise-map.ts";
import type { PlacedObject, SimulatedField } from "./simulate-field.ts";

/** True sources and found peaks whose ratio of peak flux to local rms is from `low` to below `high`. */
export interface DetectionBin {
  readonly low: number;
  readonly high: number;
  /** Points and single Gaussians of the truth; those at whose place there is a peak above the threshold. */
  readonly numTrue: number;
  readonly numFound: number;
  /** Peaks of the image, whatever the threshold; those at which a true source shines. */
  readonly numPeaks: number;
  readonly numReal: number;
}

/** Lower edges of the bins, and the last one's upper edge. */
const EDGES = [3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 10, 14, 20] as const;

/** A peak and its source are at most this part of the beam's major axis apart. */
const MATCH_BEAMS = 0.5;
/** A source explains a peak where it makes at least this part of it: noise lifts fainter ones too, which are then no detections. */
const LEAST_SHARE = 0.5;
/** Wider than half of any beam that the simulator makes; what reaches further is looked through whole. */
const CELL_PIXELS = 8;

/**
 * Counts, for each bin of signal-to-noise, what a finder sees that takes every local maximum for a source. Signal and noise are those
 * of the image before its correction for the primary beam; a true source's signal is the height of its Gaussian under the beam.
 */
export function detectionCounts(field: SimulatedField, config: SkyConfig): readonly DetectionBin[] {
  const geometry = fieldGeometryOf(config);
  const apparent = apparentImage(field, geometry);
  const noise = noiseMap(apparent, field.width);
  const peaks = localPeaks(apparent, field.width, ({ x, y }) => EDGES[0] * noise.at(x, y)).map((peak) => ({
    ...peak,
    signalToNoise: peak.flux / noise.at(peak.x, peak.y),
  }));
  const reach = (MATCH_BEAMS * field.beam.majorDeg) / config.pixelScaleDeg;
  const sources = field.truth.map((object) => trueSource(object, { field, geometry, noise, reach }));
  const isTrue = explainedBy(sources);
  const found = nearest(peaks.filter(({ signalToNoise }) => signalToNoise >= config.detectionThreshold));
  return EDGES.slice(0, -1).map((low, index) => {
    const high = EDGES[index + 1]!;
    const isInBin = ({ signalToNoise }: { readonly signalToNoise: number }) => signalToNoise >= low && signalToNoise < high;
    const compact = sources.filter((source) => source.isCompact && isInBin(source));
    const inBin = peaks.filter(isInBin);
    return {
      low,
      high,
      numTrue: compact.length,
      numFound: compact.filter((source) => found(source) <= reach).length,
      numPeaks: inBin.length,
      numReal: inBin.filter(isTrue).length,
    };
  });
}

/** Counts of several fields, bin by bin. */
export function summedDetections(fields: readonly (readonly DetectionBin[])[]): readonly DetectionBin[] {
  return fields.reduce((sum, bins) =>
    sum.map((bin, index) => {
      const { numTrue, numFound, numPeaks, numReal } = bins[index]!;
      return {
        ...bin,
        numTrue: bin.numTrue + numTrue,
        numFound: bin.numFound + numFound,
        numPeaks: bin.numPeaks + numPeaks,
        numReal: bin.numReal + numReal,
      };
    }),
  );
}

function apparentImage({ pixels, width }: SimulatedField, { powerAt }: FieldGeometry): Float32Array {
  return pixels.map((value, place) => value * powerAt(place % width, Math.floor(place / width)));
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A source of the truth as it shines in the image. */
interface TrueSource extends Place {
  readonly isCompact: boolean;
  readonly peak: number;
  readonly signalToNoise: number;
  /** Peaks this near may be its own, in pixels. */
  readonly reach: number;
}

interface Seen {
  readonly field: SimulatedField;
  readonly geometry: FieldGeometry;
  readonly noise: NoiseMap;
  readonly reach: number;
}

function trueSource(object: PlacedObject, { field, geometry, noise, reach }: Seen): TrueSource {
  const { x, y, kind, components, largestSizeArcsec } = object;
  const isCompact = kind === "point" || kind === "gauss";
  const flux = apparentFluxJy(object, geometry);
  const beam = covarianceOfBeam(field.beam, geometry.pixelScaleDeg);
  const shape = covarianceOfGaussian(components[0]!, geometry.pixelScaleDeg);
  // Of larger shapes the flux is what a peak may at most be.
  const peak = isCompact ? (flux * areaOf(beam)) / areaOf(summed(shape, beam)) : flux;
  const halfSize = isCompact ? 0 : largestSizeArcsec / 3600 / geometry.pixelScaleDeg / 2;
  return { x, y, isCompact, peak, signalToNoise: peak / noise.at(x, y), reach: reach + halfSize };
}

/** Whether a source shines at a peak: near enough, and bright enough for a good part of it. */
function explainedBy(sources: readonly TrueSource[]): (peak: Place & { readonly flux: number }) => boolean {
  const near = gridOf(sources.filter(({ reach }) => reach <= CELL_PIXELS));
  const wide = sources.filter(({ reach }) => reach > CELL_PIXELS);
  return (peak) => {
    const explains = ({ x, y, reach, ...source }: TrueSource) =>
      source.peak >= LEAST_SHARE * peak.flux && Math.hypot(x - peak.x, y - peak.y) <= reach;
    return near(peak).some(explains) || wide.some(explains);
  };
}

/** The distance from a place to the nearest of these, where it is at most some pixels. */
function nearest(places: readonly Place[]): (place: Place) => number {
  const cells = gridOf(places);
  return (place) => cells(place).reduce((least, { x, y }) => Math.min(least, Math.hypot(x - place.x, y - place.y)), Infinity);
}

/** What lies in a place's cell and in the eight about it. */
function gridOf<Item extends Place>(items: readonly Item[]): (place: Place) => readonly Item[] {
  const side = CELL_PIXELS;
  const cells = new Map<string, Item[]>();
  const key = (column: number, row: number) => `${column},${row}`;
  for (const item of items) {
    const name = key(Math.floor(item.x / side), Math.floor(item.y / side));
    const cell = cells.get(name);
    if (cell) cell.push(item);
    else cells.set(name, [item]);
  }
  return ({ x, y }) => {
    const [column, row] = [Math.floor(x / side), Math.floor(y / side)];
    return [-1, 0, 1].flatMap((dy) => [-1, 0, 1].flatMap((dx) => cells.get(key(column + dx, row + dy)) ?? []));
  };
}

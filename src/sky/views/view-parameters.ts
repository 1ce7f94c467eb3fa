// The chance part of a view: which piece of the crop it shows, and what is done to it (paper section 3.1.1).
import type { Random } from "#base/array";
import type { Box } from "#base/image";
import type { Range, ViewConfig } from "./view-config.ts";

/** Everything that decides one view of a crop. An augmentation that was not drawn has the value that changes nothing. */
export interface ViewParameters {
  /** Side of the view, in pixels. */
  readonly viewSize: number;
  /** Counter-clockwise turn of the crop about its centre; 0 for none. */
  readonly rotationDeg: number;
  /** The part of the turned crop that becomes the view, in pixels of the crop without its margin. */
  readonly box: Box;
  readonly isFlipped: boolean;
  /** In pixels of the view; 0 for none. */
  readonly blurSigma: number;
  /** Exponent of the values in [0, 1]; 1 for none. */
  readonly powerLawExponent: number;
}

/**
 * Draws view number `view` of a crop of `cropSize` pixels a side: the first numGlobalViews are global, the others local.
 * Every augmentation takes its numbers from `random`, applied or not, so changing one chance leaves the other draws as they were.
 */
export function sampleViewParameters(config: ViewConfig, view: number, cropSize: number, random: Random): ViewParameters {
  const isGlobal = view < config.numGlobalViews;
  const blurProbability = isGlobal ? config.globalBlurProbabilities[view]! : config.localBlurProbability;
  const drawIf = (probability: number, draw: () => number, otherwise: number) => {
    const isApplied = random.chance(probability);
    const value = draw();
    return isApplied ? value : otherwise;
  };
  return {
    viewSize: isGlobal ? config.globalViewSize : config.localViewSize,
    rotationDeg: drawIf(config.rotationProbability, () => random.uniformBetween(0, 360), 0),
    isFlipped: random.chance(config.flipProbability),
    blurSigma: drawIf(blurProbability, () => random.uniformBetween(...config.blurSigma), 0),
    powerLawExponent: drawIf(config.powerLawProbability, () => logUniform(config.powerLawExponent, random), 1),
    // The last draw: its number of tries varies.
    box: sampleBox(isGlobal ? config.globalViewArea : config.localViewArea, config.aspectRatio, cropSize, random),
  };
}

const NUM_BOX_TRIES = 10;

/**
 * A box of whole pixels by torchvision's RandomResizedCrop: area uniform, aspect log-uniform, place uniform; ten tries, and
 * then the largest centred box whose aspect is in range.
 */
function sampleBox(areaRange: Range, aspectRange: Range, cropSize: number, random: Random): Box {
  for (let attempt = 0; attempt < NUM_BOX_TRIES; attempt++) {
    const area = cropSize * cropSize * random.uniformBetween(...areaRange);
    const aspect = logUniform(aspectRange, random);
    const width = Math.round(Math.sqrt(area * aspect));
    const height = Math.round(Math.sqrt(area / aspect));
    if (width > 0 && width <= cropSize && height > 0 && height <= cropSize) {
      return boxAt(random.integer(cropSize - height + 1), random.integer(cropSize - width + 1), height, width);
    }
  }
  const [lowestAspect, highestAspect] = aspectRange;
  const height = Math.round(cropSize / Math.max(1, lowestAspect));
  const width = Math.round(cropSize * Math.min(1, highestAspect));
  return boxAt(Math.floor((cropSize - height) / 2), Math.floor((cropSize - width) / 2), height, width);
}

function boxAt(y0: number, x0: number, height: number, width: number): Box {
  return { y0, x0, y1: y0 + height, x1: x0 + width };
}

function logUniform([low, high]: Range, random: Random): number {
  return Math.exp(random.uniformBetween(Math.log(low), Math.log(high)));
}

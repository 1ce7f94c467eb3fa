// What the views of a crop may be: sizes, areas and the chances of each augmentation (paper section 3.1.1).
import { ConfigError } from "#base/config";

/** A range [low, high] to draw from. */
export type Range = readonly [low: number, high: number];

/** Fractions are of the crop without its margin; sizes and sigmas are pixels of the view. */
export interface ViewConfig {
  readonly numGlobalViews: number;
  readonly globalViewSize: number;
  /** Fraction of the crop's area that a global view covers. */
  readonly globalViewArea: Range;
  readonly numLocalViews: number;
  readonly localViewSize: number;
  readonly localViewArea: Range;
  /** Width over height of the part that becomes a view; drawn log-uniformly. */
  readonly aspectRatio: Range;
  readonly rotationProbability: number;
  readonly flipProbability: number;
  /** One chance for each global view: in DINO the first is always blurred, the second hardly ever. */
  readonly globalBlurProbabilities: readonly number[];
  readonly localBlurProbability: number;
  readonly blurSigma: Range;
  readonly powerLawProbability: number;
  /** Exponent of values in [0, 1], drawn log-uniformly: darker above 1, brighter below. */
  readonly powerLawExponent: Range;
}

/** The paper's views, with the local area of its vision transformer (its ResNet's is 0.05 to 0.14). */
export const DEFAULT_VIEW_CONFIG: ViewConfig = {
  numGlobalViews: 2,
  globalViewSize: 224,
  globalViewArea: [0.4, 1],
  numLocalViews: 8,
  localViewSize: 96,
  localViewArea: [0.05, 0.4],
  aspectRatio: [3 / 4, 4 / 3],
  rotationProbability: 0.5,
  flipProbability: 0.5,
  globalBlurProbabilities: [1, 0.1],
  localBlurProbability: 0.5,
  blurSigma: [0.1, 2],
  powerLawProbability: 0.5,
  powerLawExponent: [1 / 3, 3],
};

/** Throws ConfigError that names the first setting which cannot be. */
export function checkViewConfig(config: ViewConfig): void {
  checkCounts(config);
  checkWholeAboveZero(config, "globalViewSize");
  checkWholeAboveZero(config, "localViewSize");
  checkRange(config, "globalViewArea", 1);
  checkRange(config, "localViewArea", 1);
  checkRange(config, "aspectRatio", Number.POSITIVE_INFINITY);
  checkRange(config, "blurSigma", Number.POSITIVE_INFINITY);
  checkRange(config, "powerLawExponent", Number.POSITIVE_INFINITY);
  checkFraction("rotationProbability", config.rotationProbability);
  checkFraction("flipProbability", config.flipProbability);
  checkFraction("localBlurProbability", config.localBlurProbability);
  checkFraction("powerLawProbability", config.powerLawProbability);
  checkGlobalBlur(config);
}

function checkCounts({ numGlobalViews, numLocalViews }: ViewConfig): void {
  const isWhole = (count: number) => Number.isInteger(count) && count >= 0;
  if (!isWhole(numGlobalViews) || !isWhole(numLocalViews)) {
    throw new ConfigError(`views: expected whole numbers of views, got ${numGlobalViews} global and ${numLocalViews} local.`);
  }
  if (numGlobalViews === 0) {
    throw new ConfigError(`views: expected at least one global view, got 0; the teacher would see nothing.`);
  }
  if (numGlobalViews + numLocalViews < 2) {
    const got = `${numGlobalViews} global and ${numLocalViews} local`;
    throw new ConfigError(`views: expected at least two views of each crop, got ${got}; the loss would have no pairs.`);
  }
}

function checkGlobalBlur({ globalBlurProbabilities, numGlobalViews }: ViewConfig): void {
  if (globalBlurProbabilities.length !== numGlobalViews) {
    throw new ConfigError(
      `views.globalBlurProbabilities: expected one for each of the ${numGlobalViews} global views, got ${globalBlurProbabilities.length}.`,
    );
  }
  for (const probability of globalBlurProbabilities) checkFraction("globalBlurProbabilities", probability);
}

function checkWholeAboveZero(config: ViewConfig, name: "globalViewSize" | "localViewSize"): void {
  if (!Number.isInteger(config[name]) || config[name] <= 0) {
    throw new ConfigError(`views.${name}: expected a whole number of pixels above 0, got ${config[name]}.`);
  }
}

type RangeName = { [Name in keyof ViewConfig]: ViewConfig[Name] extends Range ? Name : never }[keyof ViewConfig];

function checkRange(config: ViewConfig, name: RangeName, highest: number): void {
  const [low, high] = config[name];
  if (!(low > 0 && low <= high && high <= highest && Number.isFinite(high))) {
    const limit = Number.isFinite(highest) ? ` and at most ${highest}` : "";
    throw new ConfigError(
      `views.${name}: expected [low, high] with low above 0, high not below it${limit}, got [${low}, ${high}].`,
    );
  }
}

function checkFraction(name: string, probability: number): void {
  if (!(probability >= 0 && probability <= 1)) {
    throw new ConfigError(`views.${name}: expected a probability from 0 to 1, got ${probability}.`);
  }
}

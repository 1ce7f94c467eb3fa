// What fine-tuning is done with: the paper's appendix C.1, after Slijepcevic et al. 2024 (their finetune code's rates).
import { ConfigError } from "#base/config";
import { type BackboneConfig, layerGroups, type OptimiserName, sideUnitOf } from "#engine/nn";

/** What holds for all networks of an evaluation. */
export interface FinetuneSettings {
  readonly numEpochs: number;
  /** Crops of an update; all training crops where there are fewer. */
  readonly batchSize: number;
  /** Side of the square cut from the crop's middle, in pixels, and the side that it is resized to. */
  readonly centreSize: number;
  readonly inputSize: number;
  /** Width of the head's layer between embedding and classes. */
  readonly hiddenDim: number;
}

export const DEFAULT_FINETUNE_SETTINGS: FinetuneSettings = {
  numEpochs: 300,
  batchSize: 64,
  centreSize: 96,
  inputSize: 96,
  hiddenDim: 512,
};

/** How one network learns. */
export interface FinetuneRule {
  readonly optimiser: OptimiserName;
  /** At the first update; it falls to 0 along half a cosine. */
  readonly learningRate: number;
  /** Of matrices and kernels; vectors are not decayed. */
  readonly weightDecay: number;
  /** The rate of a layer group is this to the power of how many groups are above it. */
  readonly layerDecay: number;
  readonly labelSmoothing: number;
}

/** Rates are given for so many crops an update. */
const RATE_BATCH = 256;

/**
 * The rule for the last `numLayers` layer groups: of the head alone SGD, with any group AdamW, layer-wise decay and label
 * smoothing. Peak rates are of `batchSize` crops an update.
 */
export function finetuneRule(numLayers: number, batchSize: number): FinetuneRule {
  return numLayers === 0
    ? { optimiser: "sgd", learningRate: (0.1 * batchSize) / RATE_BATCH, weightDecay: 0, layerDecay: 1, labelSmoothing: 0 }
    : {
        optimiser: "adamw",
        learningRate: (0.001 * batchSize) / RATE_BATCH,
        weightDecay: 0.05,
        layerDecay: 0.75,
        labelSmoothing: 0.1,
      };
}

/** The rule for a network that begins untrained: all groups at the full rate, as none of them knows anything yet. */
export function scratchRule(batchSize: number): FinetuneRule {
  return { ...finetuneRule(1, batchSize), layerDecay: 1 };
}

/** Throws ConfigError for settings that a backbone, or crops of this side, cannot be trained with. */
export function checkFinetuneSettings(
  { numEpochs, batchSize, centreSize, inputSize, hiddenDim }: FinetuneSettings,
  backbone: BackboneConfig,
  cropSize: number,
): void {
  for (const [name, value] of Object.entries({ numEpochs, batchSize, centreSize, inputSize, hiddenDim })) {
    if (!Number.isInteger(value) || value < 1)
      throw new ConfigError(`fine-tuning: ${name}: expected a whole number from 1 on, got ${value}.`);
  }
  if (centreSize > cropSize) {
    throw new ConfigError(
      `fine-tuning: --centre ${centreSize}: expected at most ${cropSize} pixels, the side of the crops. Say --centre ${cropSize}.`,
    );
  }
  const unit = sideUnitOf(backbone);
  if (inputSize % unit !== 0) {
    throw new ConfigError(
      `fine-tuning: pictures of ${inputSize} pixels: expected a side that patches of ${unit} pixels divide. Say --resize ${Math.ceil(inputSize / unit) * unit}.`,
    );
  }
}

/** Throws ConfigError where a backbone does not have so many layer groups. */
export function checkNumLayers(numLayers: number, backbone: BackboneConfig): void {
  const groups = layerGroups(backbone);
  if (Number.isInteger(numLayers) && numLayers >= 0 && numLayers <= groups.length) return;
  throw new ConfigError(
    `fine-tuning: --layers ${numLayers}: expected 0 to ${groups.length}, the layer groups of this backbone (${groups[0]!.name} to ${groups.at(-1)!.name}).`,
  );
}

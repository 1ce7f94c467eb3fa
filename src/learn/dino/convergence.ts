// When a training has converged (paper section 3.2): neither its loss nor the probe's error has got better for many epochs.

/** Settings of the rule. */
export interface StoppingRule {
  /** Epochs without progress after which training stops; null: never. */
  readonly patienceEpochs: number | null;
  /** A loss has fallen where it is lower by this fraction. */
  readonly lossFraction: number;
}

/** A value and the number of epochs that were done when it came about. */
interface Mark {
  readonly value: number;
  readonly epoch: number;
}

/** What the rule remembers. Made from the metrics alone, so that a resumed run has it bit for bit. */
export interface Convergence {
  /** Of the epoch under way. */
  readonly lossSum: number;
  readonly numSteps: number;
  /** Whole epochs that were judged. */
  readonly epoch: number;
  /** Mean loss of the last epoch. */
  readonly epochLoss: number | undefined;
  /** The last mean loss of an epoch that had fallen by the rule's fraction. */
  readonly fallenLoss: Mark | undefined;
  /** Least error of a probe. */
  readonly bestProbe: Mark | undefined;
}

/** Before the first step. */
export const NOTHING_SEEN: Convergence = {
  lossSum: 0,
  numSteps: 0,
  epoch: 0,
  epochLoss: undefined,
  fallenLoss: undefined,
  bestProbe: undefined,
};

/** One more step of the epoch under way. */
export function withStepLoss(seen: Convergence, loss: number): Convergence {
  return { ...seen, lossSum: seen.lossSum + loss, numSteps: seen.numSteps + 1 };
}

/** The epoch under way is over: so many are done. `probeError` where a probe was run. */
export function withEpochEnd(
  seen: Convergence,
  { epoch, probeError, rule }: { readonly epoch: number; readonly probeError?: number | undefined; readonly rule: StoppingRule },
): Convergence {
  const epochLoss = seen.lossSum / seen.numSteps;
  const hasFallen = seen.fallenLoss === undefined || epochLoss < seen.fallenLoss.value * (1 - rule.lossFraction);
  const isBetter = probeError !== undefined && (seen.bestProbe === undefined || probeError < seen.bestProbe.value);
  return {
    lossSum: 0,
    numSteps: 0,
    epoch,
    epochLoss,
    fallenLoss: hasFallen ? { value: epochLoss, epoch } : seen.fallenLoss,
    bestProbe: isBetter ? { value: probeError, epoch } : seen.bestProbe,
  };
}

/** Why training should stop, in words; undefined where it should not. */
export function convergedBecause(
  { epoch, epochLoss, fallenLoss, bestProbe }: Convergence,
  { patienceEpochs, lossFraction }: StoppingRule,
): string | undefined {
  if (patienceEpochs === null) return undefined;
  const period = patienceEpochs === 1 ? "an epoch" : `${patienceEpochs} epochs`;
  const isOver = (mark: Mark | undefined): mark is Mark => mark !== undefined && epoch - mark.epoch >= patienceEpochs;
  if (isOver(fallenLoss)) {
    const percent = Number((100 * lossFraction).toPrecision(3));
    return `the loss has not fallen by ${percent} % in ${period} (${fallenLoss.value.toPrecision(4)} in epoch ${fallenLoss.epoch}, ${epochLoss?.toPrecision(4)} in epoch ${epoch})`;
  }
  if (isOver(bestProbe)) {
    return `the probe's error has not improved in ${period} (least after epoch ${bestProbe.epoch}: ${bestProbe.value.toPrecision(4)})`;
  }
  return undefined;
}

/** What stands in the metrics of an epoch's last step. */
export interface EpochMetrics {
  /** Mean over the epoch's steps. */
  readonly epochLoss: number;
  /** Epochs since the loss last fell by the rule's fraction. */
  readonly epochsWithoutFall: number;
  /** Mean squared error of the probe on the training crops kept for it, and its 95 % interval. */
  readonly probeError?: number;
  readonly probeErrorLow?: number;
  readonly probeErrorHigh?: number;
  /** Epochs since the probe last improved. */
  readonly epochsWithoutProbeGain?: number;
}

/** Whole epochs since the rule's marks. */
export function epochMetricsOf({ epoch, epochLoss, fallenLoss, bestProbe }: Convergence): EpochMetrics {
  if (epochLoss === undefined || fallenLoss === undefined) throw new Error("internal: convergence: no epoch is over yet.");
  return {
    epochLoss,
    epochsWithoutFall: epoch - fallenLoss.epoch,
    ...(bestProbe === undefined ? {} : { epochsWithoutProbeGain: epoch - bestProbe.epoch }),
  };
}

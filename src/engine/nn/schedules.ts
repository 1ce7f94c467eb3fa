// Values that change from step to step: learning rate, weight decay, teacher momentum, teacher temperature (DINO's schedules).

/** A value for each optimiser step, counted from 0. */
export type Schedule = (step: number) => number;

/**
 * Linear from 0 to `start` over the warm-up (both ends included, as numpy.linspace), then half a cosine from `start`
 * towards `end` over the steps that remain. Steps past the last keep its value.
 */
export function cosineSchedule(options: {
  readonly start: number;
  readonly end: number;
  readonly numSteps: number;
  readonly numWarmupSteps?: number;
}): Schedule {
  const { start, end, numSteps, numWarmupSteps = 0 } = options;
  return (step) => {
    const at = Math.min(step, numSteps - 1);
    // A warm-up of one step has no slope: numpy.linspace(0, start, 1) is [0].
    if (at < numWarmupSteps) return numWarmupSteps === 1 ? 0 : (start * at) / (numWarmupSteps - 1);
    const progress = (at - numWarmupSteps) / (numSteps - numWarmupSteps);
    return end + 0.5 * (start - end) * (1 + Math.cos(Math.PI * progress));
  };
}

/** Linear from `start` to `end` over the warm-up epochs, then constant; one value an epoch (DINO's teacher temperature). */
export function warmupSchedule(options: {
  readonly start: number;
  readonly end: number;
  readonly numWarmupEpochs: number;
  readonly stepsPerEpoch: number;
}): Schedule {
  const { start, end, numWarmupEpochs, stepsPerEpoch } = options;
  return (step) => {
    const epoch = Math.floor(step / stepsPerEpoch);
    if (epoch >= numWarmupEpochs) return end;
    return numWarmupEpochs === 1 ? start : start + ((end - start) * epoch) / (numWarmupEpochs - 1);
  };
}

// Loss scaling for gradients in 16 bits (Micikevicius et al. 2018), by the rules of PyTorch's GradScaler.

/** What the loss is multiplied by before its gradients, and how long that has gone well. */
export interface LossScaling {
  readonly scale: number;
  /** Steps since the scale was changed, all of them finite. */
  readonly numFiniteSteps: number;
}

/** GradScaler's defaults. */
export const FIRST_LOSS_SCALING: LossScaling = { scale: 2 ** 16, numFiniteSteps: 0 };
const GROWTH = 2;
const BACKOFF = 0.5;
const GROWTH_INTERVAL = 2000;

/** Below this a gradient that overflows is no matter of scale. */
export const SMALLEST_LOSS_SCALE = 1;

/** The scaling after a step: doubled after 2,000 finite ones in a row, halved at once after gradients that overflowed. */
export function nextLossScaling({ scale, numFiniteSteps }: LossScaling, outcome: "finite" | "overflow"): LossScaling {
  if (outcome === "overflow") return { scale: scale * BACKOFF, numFiniteSteps: 0 };
  const isDue = numFiniteSteps + 1 === GROWTH_INTERVAL;
  return isDue ? { scale: scale * GROWTH, numFiniteSteps: 0 } : { scale, numFiniteSteps: numFiniteSteps + 1 };
}

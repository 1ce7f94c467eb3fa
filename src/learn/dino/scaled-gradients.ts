// Gradients in 16 bits: where they overflow, the same batches are gone through again with the loss at half the scale.
import { FIRST_LOSS_SCALING, type LossScaling, nextLossScaling, SMALLEST_LOSS_SCALE } from "#engine/nn";
import type { GradientReport } from "./training-step.ts";

/** Gradients with the loss multiplied by `lossScale` on the way back, and divided by it again. */
export type GradientsAt = (lossScale: number) => Promise<GradientReport>;

/**
 * Finds the scale from step to step. PyTorch leaves out a step whose gradients overflow; here it is computed again, so that no crop
 * is lost and schedules keep their steps. A loss that is not finite itself, or a scale below one, is handed on as it is: no scale
 * helps there. A run that goes on begins at the first scale again.
 */
export function lossScaler(): { readonly scaled: (gradientsAt: GradientsAt) => Promise<GradientReport> } {
  let scaling: LossScaling = FIRST_LOSS_SCALING;
  return {
    async scaled(gradientsAt) {
      for (;;) {
        const report = await gradientsAt(scaling.scale);
        const isUsable = Number.isFinite(report.gradientNorm);
        if (!isUsable && (!Number.isFinite(report.loss) || scaling.scale <= SMALLEST_LOSS_SCALE)) return report;
        scaling = nextLossScaling(scaling, isUsable ? "finite" : "overflow");
        if (isUsable) return report;
      }
    },
  };
}

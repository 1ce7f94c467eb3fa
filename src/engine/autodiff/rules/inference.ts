// Operators of networks that only look: nothing is differentiated through them.
import type { GradientRulesOf } from "../gradient-rule.ts";

export const INFERENCE_GRADIENTS: GradientRulesOf<"MultiHeadAttention" | "DynamicQuantizeMatMul"> = {
  MultiHeadAttention: "none",
  DynamicQuantizeMatMul: "none",
};

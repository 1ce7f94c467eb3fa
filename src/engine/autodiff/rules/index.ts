// The table of every operator's gradient rule.
import type { OpName } from "#engine/graph";
import type { GradientRulesOf } from "../gradient-rule.ts";
import { CONVOLUTION_GRADIENTS } from "./convolution.ts";
import { ELEMENTWISE_GRADIENTS } from "./elementwise.ts";
import { INFERENCE_GRADIENTS } from "./inference.ts";
import { LAYER_GRADIENTS } from "./layers.ts";
import { PRODUCT_GRADIENTS } from "./products.ts";
import { REDUCTION_GRADIENTS } from "./reductions.ts";
import { SHAPE_GRADIENTS } from "./shape.ts";

export const GRADIENT_RULES: GradientRulesOf<OpName> = {
  ...ELEMENTWISE_GRADIENTS,
  ...PRODUCT_GRADIENTS,
  ...SHAPE_GRADIENTS,
  ...REDUCTION_GRADIENTS,
  ...CONVOLUTION_GRADIENTS,
  ...LAYER_GRADIENTS,
  ...INFERENCE_GRADIENTS,
};

// The table of every operator's rule.
import type { OpName } from "../op-attributes.ts";
import type { RulesOf } from "../op-rule.ts";
import { CONVOLUTION_RULES } from "./convolution.ts";
import { ELEMENTWISE_RULES } from "./elementwise.ts";
import { INFERENCE_RULES } from "./inference.ts";
import { LAYER_RULES } from "./layers.ts";
import { PRODUCT_RULES } from "./products.ts";
import { REDUCTION_RULES } from "./reductions.ts";
import { SHAPE_RULES } from "./shape.ts";

export const OP_RULES: RulesOf<OpName> = {
  ...ELEMENTWISE_RULES,
  ...PRODUCT_RULES,
  ...SHAPE_RULES,
  ...REDUCTION_RULES,
  ...CONVOLUTION_RULES,
  ...LAYER_RULES,
  ...INFERENCE_RULES,
};

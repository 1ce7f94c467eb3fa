// Door of engine/autodiff: gradient nodes for a graph, one rule per operator.
export { addedTo } from "./backward-pass.ts";
export type { GradientRule, GradientRulesOf, LazyCotangent } from "./gradient-rule.ts";
export { type GradientOptions, gradients, gradientsByRules } from "./gradients.ts";
export { type Segment, segmentsByScope } from "./recompute.ts";
export { GRADIENT_RULES } from "./rules/index.ts";

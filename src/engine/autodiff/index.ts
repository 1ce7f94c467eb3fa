// Door of engine/autodiff: gradient nodes for a graph, one rule per operator.
export type { GradientRule, GradientRulesOf, LazyCotangent } from "./gradient-rule.ts";
export { gradients, gradientsByRules } from "./gradients.ts";
export { GRADIENT_RULES } from "./rules/index.ts";

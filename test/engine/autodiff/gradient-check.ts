// Is a gradient right? One random direction, one random covector, two numbers that must agree (as autograd's check_vjp does).
import assert from "node:assert/strict";
import { type NdArray, ndArray, type Random, randomFor, sizeOf } from "#base/array";
import { GRADIENT_RULES, type GradientRulesOf, gradientsByRules } from "#engine/autodiff";
import {
  evaluateGraph,
  type Graph,
  type HostTensor,
  hostTensorOf,
  isFloat,
  mul,
  type OpName,
  reduceSum,
  type Tensor,
  total,
} from "#engine/graph";
import { graphOfCase, type OpCase } from "../op-cases.ts";

/** Central differences: the error of the formula is about its square, that of rounding about 1e-16 / STEP. */
const STEP = 1e-6;
/** Above rounding (1e-10) and above the float32 constants of the rules (6e-8), far below any wrong rule. */
const TOLERANCE = 1e-6;
/** Derivatives below this are compared absolutely: they are sums of larger parts that cancel. */
const SMALL_DERIVATIVE = 0.1;

/** A case with a loss and its gradients as outputs, named "loss" and "gradient.<input>". */
export interface DifferentiatedCase {
  readonly graph: Graph;
  readonly feeds: ReadonlyMap<string, NdArray>;
  /** The inputs differentiated with respect to. */
  readonly wrt: readonly string[];
}

/** The gradients of a random weighted sum of a case's outputs; `undefined` where the case has nothing to differentiate. */
export function differentiatedCase(
  opCase: OpCase,
  rules: GradientRulesOf<OpName> = GRADIENT_RULES,
): DifferentiatedCase | undefined {
  const { graph, feeds, outputs } = graphOfCase(opCase);
  const wrt = graph.inputs.filter((input) => isFloat(input.dtype));
  const smooth = outputs.filter((output) => isFloat(output.dtype));
  const isSkipped = rules[opCase.op] === "none" || opCase.gradient === "unchecked";
  if (isSkipped || wrt.length === 0 || smooth.length !== outputs.length) return undefined;
  const random = randomFor(2, `covector of ${opCase.name}`);
  const weigh = (output: Tensor) => reduceSum(mul(output, graph.constant(normalArray(output.shape, random))));
  const loss = total(smooth.map(weigh));
  graph.output("loss", loss);
  const results = gradientsByRules(loss, wrt, rules);
  for (const [index, input] of wrt.entries()) graph.output(`gradient.${input.name}`, results[index]!);
  return { graph, feeds, wrt: wrt.map((input) => input.name) };
}

function normalArray(shape: readonly number[], random: Random): NdArray {
  return ndArray(
    "float32",
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );
}

/** Fails, naming the operator, the case and the input, unless every gradient agrees with finite differences in float64. */
export function assertGradients(opCase: OpCase, rules: GradientRulesOf<OpName> = GRADIENT_RULES): void {
  const differentiated = differentiatedCase(opCase, rules);
  if (!differentiated) return;
  const { graph, feeds, wrt } = differentiated;
  const values = new Map([...feeds].map(([name, array]) => [name, hostTensorOf(array)]));
  const results = evaluateGraph(graph, values);
  for (const name of wrt) {
    const random = randomFor(3, `direction of ${opCase.name}/${name}`);
    const direction = values.get(name)!.data.map(() => random.normal());
    const lossAt = (step: number) => evaluateGraph(graph, moved(values, name, direction, step)).get("loss")!.data[0]!;
    const expected = (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    const got = results.get(`gradient.${name}`)!.data.reduce((sum, slope, index) => sum + slope * direction[index]!, 0);
    assert.ok(
      Math.abs(got - expected) <= TOLERANCE * Math.max(Math.abs(expected), SMALL_DERIVATIVE),
      `${opCase.name}, input "${name}": expected the derivative ${expected}, got ${got}`,
    );
  }
}

function moved(
  values: ReadonlyMap<string, HostTensor>,
  name: string,
  direction: Float64Array,
  step: number,
): ReadonlyMap<string, HostTensor> {
  const { shape, data } = values.get(name)!;
  return new Map(values).set(name, { shape, data: data.map((value, index) => value + step * direction[index]!) });
}

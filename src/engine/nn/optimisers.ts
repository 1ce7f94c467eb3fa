// Update rules as graph nodes: AdamW (Loshchilov & Hutter 2019) and SGD with momentum as PyTorch computes them, LARS as DINO does.
import { add, div, greater, mul, reduceSumSquare, sqrt, sub, type Tensor, where } from "#engine/graph";

/** What a schedule says for one step and one parameter group. */
export interface GroupSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** How often this group has been updated, this update included: 1 for the first. Bias correction counts from here. */
  readonly numUpdates: number;
  /** A frozen group keeps its parameters and its optimiser state, as if its gradient had never been there. */
  readonly isFrozen: boolean;
}

/** One parameter at an update. `clip` [1] scales the gradient; `states` are the optimiser's own arrays, in the order of stateNames. */
export interface ParameterUpdate {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly clip: Tensor;
  readonly states: readonly Tensor[];
  readonly scalars: Readonly<Record<string, Tensor>>;
}

/** An update rule: which arrays it keeps per parameter, which numbers it wants per step, and its nodes. */
export interface Optimiser {
  /** Arrays of the parameter's shape, zero at the start. */
  readonly stateNames: readonly string[];
  readonly scalarNames: readonly string[];
  /** Whether every element is updated by itself, so that an array can be updated piece by piece. */
  readonly isElementwise: boolean;
  scalarsAt(settings: GroupSettings): Readonly<Record<string, number>>;
  /** Every old array is read only on the way to its own new one, so the results may overwrite what was fed. */
  update(update: ParameterUpdate): { readonly parameter: Tensor; readonly states: readonly Tensor[] };
}

export type OptimiserName = "adamw" | "sgd" | "lars";

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;
const SGD_MOMENTUM = 0.9;
const LARS_MOMENTUM = 0.9;
/** DINO's eta: how long a step may be beside the parameter it moves, at a learning rate of one. */
const TRUST_COEFFICIENT = 0.001;

const adamw: Optimiser = {
  stateNames: ["firstMoment", "secondMoment"],
  isElementwise: true,
  scalarNames: ["decay", "beta1", "gradientShare", "beta2", "rootSquareShare", "stepSize", "epsilon"],
  scalarsAt({ learningRate, weightDecay, numUpdates, isFrozen }) {
    if (isFrozen) return { decay: 1, beta1: 1, gradientShare: 0, beta2: 1, rootSquareShare: 0, stepSize: 0, epsilon: EPSILON };
    // m / (1 - b1^t) over sqrt(v / (1 - b2^t)) + eps, with both corrections moved into the scalars: two passes fewer.
    const rootBias2 = Math.sqrt(1 - BETA_2 ** numUpdates);
    return {
      decay: 1 - learningRate * weightDecay,
      beta1: BETA_1,
      gradientShare: 1 - BETA_1,
      beta2: BETA_2,
      rootSquareShare: Math.sqrt(1 - BETA_2),
      stepSize: (learningRate * rootBias2) / (1 - BETA_1 ** numUpdates),
      epsilon: EPSILON * rootBias2,
    };
  },
  update({ parameter, gradient, clip, states, scalars }) {
    const [firstMoment, secondMoment] = states as [Tensor, Tensor]; // stateNames has two

    const m = add(mul(firstMoment, scalars["beta1"]!), mul(gradient, mul(clip, scalars["gradientShare"]!)));
    const rooted = mul(gradient, mul(clip, scalars["rootSquareShare"]!));
    const v = add(mul(secondMoment, scalars["beta2"]!), mul(rooted, rooted));
    const direction = div(m, add(sqrt(v), scalars["epsilon"]!));
    return { parameter: sub(mul(parameter, scalars["decay"]!), mul(direction, scalars["stepSize"]!)), states: [m, v] };
  },
};

const sgd: Optimiser = {
  stateNames: ["momentum"],
  isElementwise: true,
  scalarNames: ["sgdMomentum", "gradientShare", "decayShare", "learningRate"],
  scalarsAt({ learningRate, weightDecay, isFrozen }) {
    if (isFrozen) return { sgdMomentum: 1, gradientShare: 0, decayShare: 0, learningRate: 0 };
    return { sgdMomentum: SGD_MOMENTUM, gradientShare: 1, decayShare: weightDecay, learningRate };
  },
  update({ parameter, gradient, clip, states, scalars }) {
    const pull = add(mul(gradient, mul(clip, scalars["gradientShare"]!)), mul(parameter, scalars["decayShare"]!));
    const momentum = add(mul(states[0]!, scalars["sgdMomentum"]!), pull);
    return { parameter: sub(parameter, mul(momentum, scalars["learningRate"]!)), states: [momentum] };
  },
};

/** Layer-wise adaptive rates (You et al. 2017) as in DINO's utils.LARS: vectors are neither decayed nor adapted. */
const lars: Optimiser = {
  stateNames: ["momentum"],
  isElementwise: false,
  scalarNames: ["larsMomentum", "gradientShare", "decayShare", "trustCoefficient", "learningRate"],
  scalarsAt({ learningRate, weightDecay, isFrozen }) {
    const trustCoefficient = TRUST_COEFFICIENT;
    if (isFrozen) return { larsMomentum: 1, gradientShare: 0, decayShare: 0, trustCoefficient, learningRate: 0 };
    return { larsMomentum: LARS_MOMENTUM, gradientShare: 1, decayShare: weightDecay, trustCoefficient, learningRate };
  },
  update({ parameter, gradient, clip, states, scalars }) {
    const clipped = mul(gradient, mul(clip, scalars["gradientShare"]!));
    const decayed = () => add(clipped, mul(parameter, scalars["decayShare"]!));
    const pull = parameter.shape.length === 1 ? clipped : adapted(decayed(), parameter, scalars["trustCoefficient"]!);
    const momentum = add(mul(states[0]!, scalars["larsMomentum"]!), pull);
    return { parameter: sub(parameter, mul(momentum, scalars["learningRate"]!)), states: [momentum] };
  },
};

/** `pull` brought to the trust coefficient's share of the parameter's length; as it is where either has no length. */
function adapted(pull: Tensor, parameter: Tensor, trustCoefficient: Tensor): Tensor {
  const [parameterLength, pullLength] = [sqrt(reduceSumSquare(parameter)), sqrt(reduceSumSquare(pull))];
  const ratio = div(mul(parameterLength, trustCoefficient), pullLength);
  return mul(pull, where(greater(parameterLength, 0), where(greater(pullLength, 0), ratio, 1), 1));
}

export const OPTIMISERS: Readonly<Record<OptimiserName, Optimiser>> = { adamw, sgd, lars };

/**
 * The factor that brings one parameter's gradient to at most `maxNorm` (DINO clips each parameter by itself, at 3.0).
 * `squaredNorm` is the sum of the gradient's squares; a `maxNorm` of 0 clips nothing.
 */
export function clipFactor(squaredNorm: number, maxNorm: number): number {
  if (maxNorm === 0) return 1;
  return Math.min(1, maxNorm / (Math.sqrt(squaredNorm) + 1e-6));
}

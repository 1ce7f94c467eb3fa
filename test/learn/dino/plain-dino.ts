// DINO once more, as plain loops over numbers straight from the formulas (Caron et al. 2021): the judge of the graph's version.

/** Logits of one view, [image][prototype]. */
export type Logits = readonly (readonly number[])[];

export interface PlainLoss {
  readonly loss: number;
  /** Derivative of the loss by every student logit, [view][image][prototype]. */
  readonly studentGradient: number[][][];
  readonly teacherEntropy: number;
  readonly batchCenter: number[];
}

/** softmax(logits / temperature). */
export function plainSoftmax(logits: readonly number[], temperature: number): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp((logit - highest) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Algorithm 1: H(t, s) = -sum t log s over each pair of different views, averaged over pairs and images. The teacher's views come first. */
export function plainDinoLoss(
  student: readonly Logits[],
  teacher: readonly Logits[],
  center: readonly number[],
  temperatures: { readonly student: number; readonly teacher: number },
): PlainLoss {
  const numImages = student[0]!.length;
  const targets = teacher.map(
    (view) =>
      view.map((logits) =>
        plainSoftmax(
          logits.map((logit, k) => logit - center[k]!),
          temperatures.teacher,
        ),
      ), // sharpened and centred
  );
  const studentGradient = student.map((view) => view.map((logits) => logits.map(() => 0)));
  let total = 0;
  let numPairs = 0;
  for (const [t, target] of targets.entries()) {
    for (const [s, view] of student.entries()) {
      if (s === t) continue;
      numPairs++;
      for (let image = 0; image < numImages; image++) {
        const probabilities = plainSoftmax(view[image]!, temperatures.student);
        for (const [k, p] of target[image]!.entries()) {
          total -= (p * Math.log(probabilities[k]!)) / numImages;
          // d H(t, softmax(z / T)) / dz = (softmax(z / T) - t) / T
          studentGradient[s]![image]![k]! += (probabilities[k]! - p) / temperatures.student / numImages;
        }
      }
    }
  }
  return {
    loss: total / numPairs,
    studentGradient: studentGradient.map((view) => view.map((row) => row.map((value) => value / numPairs))),
    teacherEntropy: mean(targets.flat().map(entropy)),
    batchCenter: center.map((_, k) => mean(teacher.flat().map((logits) => logits[k]!))),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const entropy = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);

/** Eq. 4 and the teacher's update alike: m old + (1 - m) new. */
export function plainMovingAverage(old: readonly number[], recent: readonly number[], momentum: number): number[] {
  return old.map((value, i) => momentum * value + (1 - momentum) * recent[i]!);
}

/** The gradient scaled down to a length of at most maxNorm, DINO's way. */
export function plainClip(gradient: readonly number[], maxNorm: number): number[] {
  const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  const factor = maxNorm / (length + 1e-6);
  return factor < 1 ? gradient.map((value) => value * factor) : [...gradient];
}

/** One parameter's numbers under AdamW. `numUpdates` counts those already made. */
export interface PlainAdamState {
  readonly parameter: readonly number[];
  readonly firstMoment: readonly number[];
  readonly secondMoment: readonly number[];
  readonly numUpdates: number;
}

/** Loshchilov & Hutter 2019, algorithm 2 with PyTorch's decay (learning rate x weight decay). */
export function plainAdamW(
  state: PlainAdamState,
  gradient: readonly number[],
  learningRate: number,
  weightDecay: number,
): PlainAdamState {
  const t = state.numUpdates + 1;
  const firstMoment = state.firstMoment.map((m, i) => 0.9 * m + 0.1 * gradient[i]!);
  const secondMoment = state.secondMoment.map((v, i) => 0.999 * v + 0.001 * gradient[i]! ** 2);
  const parameter = state.parameter.map((theta, i) => {
    const mHat = firstMoment[i]! / (1 - 0.9 ** t);
    const vHat = secondMoment[i]! / (1 - 0.999 ** t);
    return theta - learningRate * weightDecay * theta - (learningRate * mHat) / (Math.sqrt(vHat) + 1e-8);
  });
  return { parameter, firstMoment, secondMoment, numUpdates: t };
}

/** PyTorch's SGD: decay added to the gradient, momentum 0.9 without dampening. */
export function plainSgd(
  state: { readonly parameter: readonly number[]; readonly momentum: readonly number[] },
  gradient: readonly number[],
  learningRate: number,
  weightDecay: number,
): { readonly parameter: number[]; readonly momentum: number[] } {
  const momentum = state.momentum.map((b, i) => 0.9 * b + gradient[i]! + weightDecay * state.parameter[i]!);
  return { parameter: state.parameter.map((theta, i) => theta - learningRate * momentum[i]!), momentum };
}

/** DINO's utils.LARS for one tensor. Vectors are told from other tensors by the caller; lengths are Euclidean, eta is 0.001. */
export function plainLars(
  state: { readonly parameter: readonly number[]; readonly momentum: readonly number[] },
  gradient: readonly number[],
  {
    learningRate,
    weightDecay,
    isVector,
  }: { readonly learningRate: number; readonly weightDecay: number; readonly isVector: boolean },
): { readonly parameter: number[]; readonly momentum: number[] } {
  const length = (values: readonly number[]) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  let pull = [...gradient];
  if (!isVector) {
    pull = pull.map((g, i) => g + weightDecay * state.parameter[i]!);
    const [parameterLength, pullLength] = [length(state.parameter), length(pull)];
    if (parameterLength > 0 && pullLength > 0) pull = pull.map((g) => (g * 0.001 * parameterLength) / pullLength);
  }
  const momentum = state.momentum.map((mu, i) => 0.9 * mu + pull[i]!);
  return { parameter: state.parameter.map((theta, i) => theta - learningRate * momentum[i]!), momentum };
}

/** n values from first to last, both included: numpy.linspace. */
export function linspace(first: number, last: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => (n === 1 ? first : first + ((last - first) * i) / (n - 1)));
}

/** Every value of DINO's cosine schedule as one list: warm-up from 0 to base, then a half cosine from base towards final. */
export function plainCosineValues(base: number, final: number, numSteps: number, numWarmupSteps: number): number[] {
  const warmup = linspace(0, base, numWarmupSteps);
  const rest = numSteps - numWarmupSteps;
  const cosine = Array.from({ length: rest }, (_, i) => final + 0.5 * (base - final) * (1 + Math.cos((Math.PI * i) / rest)));
  return [...warmup, ...cosine];
}

/** DINO's teacher temperature, one value an epoch. */
export function plainTemperatureValues(warmup: number, final: number, numWarmupEpochs: number, numEpochs: number): number[] {
  return [...linspace(warmup, final, numWarmupEpochs), ...new Array<number>(numEpochs - numWarmupEpochs).fill(final)];
}

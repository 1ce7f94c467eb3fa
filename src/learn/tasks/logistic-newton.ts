// The penalised log loss, its gradient, and Newton's direction by conjugate gradients (Nocedal & Wright, section 7.1).
import type { Matrix } from "#learn/embeddings";

/** Loss over rows x [N, K] of classes [N]; one output is the log odds of class 1, several are one a class. */
export interface LogisticProblem {
  readonly x: Matrix;
  readonly classes: ArrayLike<number>;
  readonly numOutputs: number;
  readonly penalty: number;
}

/** [N, Q]: parameters [Q, K + 1] applied to every row, or the rows' weights by which `accumulate` sums them. */
function outputs({ x, numOutputs: Q }: LogisticProblem, parameters: Float64Array): Float64Array {
  const { numRows: N, numColumns: K, data } = x;
  const out = new Float64Array(N * Q);
  for (let row = 0; row < N; row++) {
    for (let q = 0; q < Q; q++) {
      const start = q * (K + 1);
      let sum = parameters[start + K]!;
      for (let column = 0, index = row * K; column < K; column++, index++) sum += data[index]! * parameters[start + column]!;
      out[row * Q + q] = sum;
    }
  }
  return out;
}

/** Σ over rows of weight [N, Q] times (row, 1): [Q, K + 1], plus penalty times the weights of `parameters`. */
function accumulate(
  { x, numOutputs: Q, penalty }: LogisticProblem,
  perRow: Float64Array,
  parameters: Float64Array,
): Float64Array {
  const { numRows: N, numColumns: K, data } = x;
  const out = new Float64Array(Q * (K + 1));
  for (let row = 0; row < N; row++) {
    for (let q = 0; q < Q; q++) {
      const weight = perRow[row * Q + q]!;
      const start = q * (K + 1);
      for (let column = 0, index = row * K; column < K; column++, index++) out[start + column]! += weight * data[index]!;
      out[start + K]! += weight;
    }
  }
  for (let q = 0; q < Q; q++) {
    for (let index = q * (K + 1); index < q * (K + 1) + K; index++) out[index]! += penalty * parameters[index]!;
  }
  return out;
}

/** log(1 + e^z), without overflow. */
function softplus(z: number): number {
  return z > 0 ? z + Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z));
}

/** Summed log loss + penalty |w|² / 2. */
export function logisticLoss(problem: LogisticProblem, parameters: Float64Array): number {
  const { x, classes, numOutputs: Q, penalty } = problem;
  const K = x.numColumns;
  const scores = outputs(problem, parameters);
  let loss = 0;
  for (let row = 0; row < x.numRows; row++) {
    if (Q === 1) loss += softplus(classes[row] === 1 ? -scores[row]! : scores[row]!);
    else loss += logSumExp(scores, row * Q, Q) - scores[row * Q + classes[row]!]!;
  }
  let squares = 0;
  for (let index = 0; index < parameters.length; index++) if (index % (K + 1) !== K) squares += parameters[index]! ** 2;
  return loss + (penalty / 2) * squares;
}

function logSumExp(values: Float64Array, start: number, length: number): number {
  let most = -Infinity;
  for (let index = start; index < start + length; index++) most = Math.max(most, values[index]!);
  let sum = 0;
  for (let index = start; index < start + length; index++) sum += Math.exp(values[index]! - most);
  return most + Math.log(sum);
}

/** Gradient [Q, K + 1] and the probabilities [N, Q] that Newton's direction is made from. */
export function logisticGradient(problem: LogisticProblem, parameters: Float64Array) {
  const { x, classes, numOutputs: Q } = problem;
  const probabilities = outputs(problem, parameters);
  const residuals = new Float64Array(probabilities.length);
  for (let row = 0; row < x.numRows; row++) {
    const total = Q === 1 ? 0 : logSumExp(probabilities, row * Q, Q);
    for (let q = 0; q < Q; q++) {
      const index = row * Q + q;
      const score = probabilities[index]!;
      probabilities[index] = Q === 1 ? Math.exp(-softplus(-score)) : Math.exp(score - total);
      const isTrue = Q === 1 ? classes[row] === 1 : classes[row] === q;
      residuals[index] = probabilities[index]! - (isTrue ? 1 : 0);
    }
  }
  return { gradient: accumulate(problem, residuals, parameters), probabilities };
}

/** Hessian times a direction, without the Hessian. */
function curvatureAlong(problem: LogisticProblem, probabilities: Float64Array, direction: Float64Array): Float64Array {
  const { x, numOutputs: Q } = problem;
  const changes = outputs(problem, direction);
  for (let row = 0; row < x.numRows; row++) {
    if (Q === 1) {
      changes[row]! *= probabilities[row]! * (1 - probabilities[row]!);
      continue;
    }
    let mean = 0;
    for (let q = 0; q < Q; q++) mean += probabilities[row * Q + q]! * changes[row * Q + q]!;
    for (let q = 0; q < Q; q++) changes[row * Q + q] = probabilities[row * Q + q]! * (changes[row * Q + q]! - mean);
  }
  return accumulate(problem, changes, direction);
}

const MAX_INNER_STEPS = 250;

/** The direction d with H d = -gradient, the closer the smaller the gradient is. */
export function newtonDirection(problem: LogisticProblem, probabilities: Float64Array, gradient: Float64Array): Float64Array {
  const direction = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  let search = residual.slice();
  let squares = dot(residual, residual);
  const size = Math.sqrt(squares);
  // Superlinear: the tolerance falls with the gradient itself, per row.
  const enough = size * Math.min(0.1, Math.sqrt(size / problem.x.numRows));
  for (let step = 0; step < MAX_INNER_STEPS && Math.sqrt(squares) > enough; step++) {
    const bent = curvatureAlong(problem, probabilities, search);
    const curvature = dot(search, bent);
    // Flat but for rounding: what has been found is a direction of descent already.
    if (!(curvature > 1e-14 * dot(search, search))) break;
    const along = squares / curvature;
    for (let index = 0; index < direction.length; index++) {
      direction[index]! += along * search[index]!;
      residual[index]! -= along * bent[index]!;
    }
    const next = dot(residual, residual);
    search = search.map((value, index) => residual[index]! + (next / squares) * value);
    squares = next;
  }
  return direction.some((value) => value !== 0) ? direction : gradient.map((value) => -value);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

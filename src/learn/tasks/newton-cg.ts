// Newton's method for smooth convex losses over many parameters, its steps by conjugate gradients (Nocedal & Wright, section 7.1).

/** A convex loss: a sum over rows, and a penalty. */
export interface ConvexLoss {
  readonly numRows: number;
  loss(parameters: Float64Array): number;
  slopeAt(parameters: Float64Array): LossSlope;
}

export interface LossSlope {
  readonly gradient: Float64Array;
  /** Hessian times a direction, without the Hessian. */
  curvatureAlong(direction: Float64Array): Float64Array;
}

const MAX_NEWTON_STEPS = 100;
const MAX_HALVINGS = 40;
const MAX_INNER_STEPS = 250;
/** Promised descent beside the loss itself, below which no loss can tell better from worse: the step is taken, and is the last. */
const ROUNDING = 1e-14;
/** Largest slope, per row, at which a fit has arrived. */
const TOLERANCE = 1e-9;
/** Share of the promised descent that a step must bring (Nocedal & Wright, section 3.1). */
const SUFFICIENT_DESCENT = 1e-4;

/** The parameters of least loss, from a start. */
export function minimised(problem: ConvexLoss, start: Float64Array): Float64Array<ArrayBuffer> {
  let parameters = Float64Array.from(start);
  let loss = problem.loss(parameters);
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    const slopeHere = problem.slopeAt(parameters);
    const { gradient } = slopeHere;
    const steepest = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (steepest <= TOLERANCE * problem.numRows) return parameters;
    const direction = newtonDirection(slopeHere, problem.numRows);
    const slope = dot(direction, gradient);
    if (-slope <= ROUNDING * Math.abs(loss)) return parameters.map((value, index) => value + direction[index]!);
    const taken = stepAlong(problem, { parameters, loss, direction, slope });
    // No shorter step goes down: what is left of the slope is rounding.
    if (taken === undefined) return parameters;
    ({ parameters, loss } = taken);
  }
  return parameters;
}

interface Descent {
  readonly parameters: Float64Array;
  readonly loss: number;
  readonly direction: Float64Array;
  /** Of the loss along the direction: negative. */
  readonly slope: number;
}

function stepAlong(problem: ConvexLoss, { parameters, loss, direction, slope }: Descent) {
  for (let halving = 0, size = 1; halving < MAX_HALVINGS; halving++, size /= 2) {
    const next = parameters.map((value, index) => value + size * direction[index]!);
    const nextLoss = problem.loss(next);
    if (nextLoss <= loss + SUFFICIENT_DESCENT * size * slope && nextLoss < loss) return { parameters: next, loss: nextLoss };
  }
  return undefined;
}

/** The direction d with H d = -gradient, the closer the smaller the gradient is. */
function newtonDirection({ gradient, curvatureAlong }: LossSlope, numRows: number): Float64Array {
  const direction = new Float64Array(gradient.length);
  const residual = gradient.map((value) => -value);
  let search = residual.slice();
  let squares = dot(residual, residual);
  const size = Math.sqrt(squares);
  // Superlinear: the tolerance falls with the gradient itself, per row.
  const enough = size * Math.min(0.1, Math.sqrt(size / numRows));
  for (let step = 0; step < MAX_INNER_STEPS && Math.sqrt(squares) > enough; step++) {
    const bent = curvatureAlong(search);
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

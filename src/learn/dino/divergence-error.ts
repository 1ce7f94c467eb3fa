// The error of a training that has run away.

/** The loss or its gradient is not finite; the state before the step is kept. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";
}

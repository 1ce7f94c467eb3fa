// The error of a training that has run away.

/** The loss, its gradient or the state is not finite. The run's checkpoints are from before that and stay as they are. */
export class DivergenceError extends Error {
  override readonly name = "DivergenceError";

  constructor(text: string, options?: ErrorOptions) {
    super(`DivergenceError: ${text}`, options);
  }
}

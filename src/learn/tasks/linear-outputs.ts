// Linear outputs of many rows and their adjoint: what the gradients of logistic and of count regression are made of.
import type { Matrix } from "#learn/embeddings";

/** Rows x [N, K] and Q outputs. Parameters are one vector [Q, K + 1]: of each output K weights, then its intercept. */
export interface LinearOutputs {
  readonly x: Matrix;
  readonly numOutputs: number;
  /** Of |weights|² / 2; intercepts are free. */
  readonly penalty: number;
}

/** Every row's outputs: [N, Q]. */
export function outputs({ x, numOutputs: Q }: LinearOutputs, parameters: Float64Array): Float64Array {
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
export function accumulate(
  { x, numOutputs: Q, penalty }: LinearOutputs,
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

/** penalty |weights|² / 2. */
export function penaltyLoss({ x, penalty }: LinearOutputs, parameters: Float64Array): number {
  const K = x.numColumns;
  let squares = 0;
  for (let index = 0; index < parameters.length; index++) if (index % (K + 1) !== K) squares += parameters[index]! ** 2;
  return (penalty / 2) * squares;
}

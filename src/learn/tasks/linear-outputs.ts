// Linear outputs of many rows and their adjoint: what the gradients of logistic and of count regression are made of.
import type { Matrix } from "#learn/embeddings";
import { addRowsInPlace, everyRow, rowProductsInPlace } from "./row-kernels.ts";

/** Rows x [N, K] and Q outputs. Parameters are one vector [Q, K + 1]: of each output K weights, then its intercept. */
export interface LinearOutputs {
  readonly x: Matrix;
  readonly numOutputs: number;
  /** Of |weights|² / 2; intercepts are free. */
  readonly penalty: number;
}

/** Every row's outputs: [N, Q]. */
export function outputs({ x, numOutputs: Q }: LinearOutputs, parameters: Float64Array): Float64Array {
  const { numRows: N, numColumns: K } = x;
  const rows = everyRow(N);
  const out = new Float64Array(N * Q);
  const products = new Float64Array(N);
  for (let q = 0; q < Q; q++) {
    const start = q * (K + 1);
    rowProductsInPlace(products, x, rows, parameters, start);
    for (let row = 0; row < N; row++) out[row * Q + q] = parameters[start + K]! + products[row]!;
  }
  return out;
}

/** Σ over rows of weight [N, Q] times (row, 1): [Q, K + 1], plus penalty times the weights of `parameters`. */
export function accumulate(
  { x, numOutputs: Q, penalty }: LinearOutputs,
  perRow: Float64Array,
  parameters: Float64Array,
): Float64Array {
  const { numRows: N, numColumns: K } = x;
  const rows = everyRow(N);
  const out = new Float64Array(Q * (K + 1));
  for (let q = 0; q < Q; q++) {
    const start = q * (K + 1);
    const factors = Q === 1 ? perRow : Float64Array.from(rows, (row) => perRow[row * Q + q]!);
    addRowsInPlace(out, start, x, rows, factors);
    for (let row = 0; row < N; row++) out[start + K]! += factors[row]!;
    for (let index = start; index < start + K; index++) out[index]! += penalty * parameters[index]!;
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

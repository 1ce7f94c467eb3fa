// Cases that scikit-learn has solved: from the fixture, or from scikit-learn run live.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Matrix, matrixOf } from "#learn/embeddings";
import { projectRoot } from "../real-data.ts";

export interface ProbeCase {
  readonly name: string;
  readonly train: readonly (readonly number[])[];
  readonly test: readonly (readonly number[])[];
  readonly targets: readonly number[];
  readonly testTargets: readonly number[];
  readonly numComponents: number;
  readonly penalties: readonly number[];
}

export interface ProbeTruth {
  readonly mean: readonly number[];
  readonly components: readonly (readonly number[])[];
  readonly explainedVariance: readonly number[];
  readonly explainedVarianceRatio: readonly number[];
  readonly scale: readonly number[];
  readonly models: readonly {
    readonly penalty: number;
    readonly predicted: readonly number[];
    readonly meanSquaredError: number;
    readonly meanAbsoluteError: number;
    readonly r2: number;
    readonly calibrationSlope: number;
  }[];
  readonly sgd?: { readonly weights: readonly number[]; readonly intercept: number };
}

/** Made by test/reference/probe_sklearn.py --make-fixtures; the file names the tools' versions. */
export const PROBE_FIXTURES = JSON.parse(
  readFileSync(join(projectRoot, "test", "fixtures", "probe", "sklearn.json"), "utf8"),
) as { readonly cases: readonly ProbeCase[]; readonly results: readonly ProbeTruth[] };

export function matrixFrom(rows: readonly (readonly number[])[]): Matrix {
  return matrixOf(rows.length, rows[0]!.length, Float64Array.from(rows.flat()));
}

/** Row r of a matrix. */
export function rowOf({ numColumns, data }: Matrix, row: number): Float64Array {
  return data.subarray(row * numColumns, (row + 1) * numColumns);
}

/** A direction's sign is an accident: `got` with the sign that fits `wanted`. */
export function withSignOf(got: Float64Array, wanted: readonly number[]): Float64Array {
  const inner = got.reduce((sum, value, index) => sum + value * wanted[index]!, 0);
  return got.map((value) => (inner < 0 ? -value : value));
}

// Does ONNX Runtime, in float32, compute what the float64 evaluator does?
import assert from "node:assert/strict";
import { type DType, type NdArray, sizeOf } from "#base/array";
import { type HostTensor, isFloat } from "#engine/graph";

/** Norm of the difference over the norm of the truth: float32 rounding, summed over the longest chains of the cases, is 1e-6. */
const RELATIVE_TOLERANCE = 1e-4;
/** Root mean square below which a difference does not count: a result that is zero but for rounding of operands near 1. */
const ABSOLUTE_FLOOR = 1e-6;

/** Fails, naming `what` and the two norms, unless `got` is the truth within the tolerance; whole numbers and truth values exactly. */
export function assertParity(got: NdArray, truth: HostTensor, what: string): void {
  assert.deepEqual(got.shape, truth.shape, `${what}: shape`);
  const values = Float64Array.from(got.data, Number);
  if (!isFloat(got.dtype)) {
    assert.deepEqual(
      values,
      truth.data.map((value) => value + 0), // a whole number has no -0
      what,
    );
    return;
  }
  const finite = truth.data.map((value, place) => sameIfNotFinite(values[place]!, value, got.dtype, what));
  const difference = norm(finite.map((value, place) => (Number.isFinite(values[place]!) ? values[place]! - value : 0)));
  const allowed = Math.max(RELATIVE_TOLERANCE * norm(finite), ABSOLUTE_FLOOR * Math.sqrt(sizeOf(truth.shape)));
  assert.ok(
    difference <= allowed,
    `${what}: expected a difference of at most ${allowed}, got ${difference} (norm ${norm(finite)})`,
  );
}

/** Infinities and NaN must stand in the same places; they are left out of the norms. A value too large for float32 is infinite there. */
function sameIfNotFinite(got: number, truth: number, dtype: DType, what: string): number {
  const expected = dtype === "float32" ? Math.fround(truth) : truth;
  if (Number.isFinite(expected) && Number.isFinite(got)) return truth;
  assert.ok(Object.is(got, expected), `${what}: expected ${expected}, got ${got}`);
  return 0;
}

function norm(values: Float64Array): number {
  return Math.hypot(...values);
}

// Strict loading: a network takes all of its tensors, each in its shape, and nothing is left over.
import type { NdArray } from "#base/array";
import type { ParameterArrays, ParameterSpec } from "../parameters.ts";

export interface FittedWeights {
  readonly arrays: ParameterArrays;
  /** Every missing, misshapen and left-over tensor, a phrase each. Empty where all fits. */
  readonly faults: readonly string[];
}

/** The tensors that `specs` ask for, in their order, and what is wrong with those that were given. */
export function fittedWeights(specs: readonly ParameterSpec[], given: ReadonlyMap<string, NdArray>): FittedWeights {
  const arrays = new Map<string, NdArray<"float32">>();
  const faults: string[] = [];
  for (const { name, shape } of specs) {
    const array = given.get(name);
    // Its type was looked at just before.
    if (array?.dtype === "float32" && `${array.shape}` === `${shape}`) arrays.set(name, array as NdArray<"float32">);
    else faults.push(`"${name}": expected float32 [${shape}], got ${array ? `${array.dtype} [${array.shape}]` : "none"}`);
  }
  const asked = new Set(specs.map(({ name }) => name));
  for (const [name, { dtype, shape }] of given) {
    if (!asked.has(name)) faults.push(`"${name}": expected no such tensor, got ${dtype} [${shape}]`);
  }
  return { arrays, faults };
}

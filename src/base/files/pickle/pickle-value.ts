// What a pickle may hold when it is read without running anything: plain values, arrays, and what a few known names make.
import type { NdArray } from "#base/array";

/** Lists and tuples are arrays, dictionaries maps, bytes Uint8Arrays; None is null. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | NdArray
  | PickleObject;

/** Something that a known name made and that is not a plain value: a tensor, a namespace. Readers of a kind of file know their own. */
export interface PickleObject {
  readonly kind: string;
}

/** What may be done with a global name. Names without a rule are refused, whatever is done with them. */
export interface GlobalRule {
  /** REDUCE and NEWOBJ: what calling it with these gives. */
  call?(args: readonly PickleValue[]): PickleValue;
  /** What the name itself stands for where it is an argument (a class of storage). */
  readonly value?: PickleObject;
  /** BUILD: takes over the state of an object that `call` gave. */
  build?(object: PickleValue, state: PickleValue): void;
}

/** Rules by "module name". */
export type GlobalRules = Readonly<Record<string, GlobalRule>>;

export function isDictionary(value: PickleValue | undefined): value is Map<PickleValue, PickleValue> {
  return value instanceof Map;
}

export function isArray(value: PickleValue | undefined): value is NdArray {
  return typeof value === "object" && value !== null && "dtype" in value && "shape" in value && "data" in value;
}

/** A list of whole numbers, or undefined for anything else. */
export function wholeNumbers(value: PickleValue | undefined): readonly number[] | undefined {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item)) ? (value as number[]) : undefined; // just checked
}

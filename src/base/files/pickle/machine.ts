// The machine that a pickle is a program for: a stack, what is remembered, and the names that are known.
import { FileFormatError } from "../file-format-error.ts";
import type { ByteReader } from "./byte-reader.ts";
import { NUMPY_GLOBALS } from "./numpy-globals.ts";
import type { GlobalRule, GlobalRules, PickleValue } from "./pickle-value.ts";
import { PLAIN_GLOBALS } from "./plain-globals.ts";

export interface UnpickleOptions {
  /** Names that are allowed besides those of plain values and numpy's arrays. */
  readonly globals?: GlobalRules;
  /** What a persistent id (a reference to something outside the pickle) stands for; without it there may be none. */
  readonly persistent?: (id: PickleValue) => PickleValue;
}

/** Where a list of unknown length begins on the stack. */
export const MARK = Symbol("mark");
/** A global name on the stack: it may be called, or be an argument (numpy's `ndarray`). */
class Global {
  readonly kind = "global";
  readonly name: string;
  readonly rule: GlobalRule;
  constructor(name: string, rule: GlobalRule) {
    this.name = name;
    this.rule = rule;
  }
}

type Item = PickleValue | typeof MARK | Global;

/** Every opcode is one of its methods, or two. Whatever does not fit is thrown as FileFormatError with its place. */
export class Machine {
  readonly #reader: ByteReader;
  readonly #options: UnpickleOptions;
  readonly #stack: Item[] = [];
  readonly #memo = new Map<number, Item>();
  /** Which name made an object: BUILD must go to the same. */
  readonly #makers = new Map<PickleValue, Global>();

  constructor(reader: ByteReader, options: UnpickleOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  push(item: Item): void {
    this.#stack.push(item);
  }

  #popItem(): Item {
    if (this.#stack.length === 0) throw this.#reader.error("expected a value on the stack, got none");
    return this.#stack.pop()!; // just asked
  }

  popValue(): PickleValue {
    return this.#valueOf(this.#popItem());
  }

  #valueOf(item: Item): PickleValue {
    if (item === MARK) throw this.#reader.error("expected a value on the stack, got a mark");
    return item as PickleValue; // a Global has a `kind`, as every object of a pickle
  }

  popValues(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.popValue()).reverse();
  }

  /** What was pushed since the last mark, which goes too. */
  popToMark(): PickleValue[] {
    const start = this.#stack.lastIndexOf(MARK);
    if (start < 0) throw this.#reader.error("expected a mark on the stack, got none");
    return this.#stack
      .splice(start)
      .slice(1)
      .map((item) => this.#valueOf(item));
  }

  drop(): void {
    this.#popItem();
  }

  duplicate(): void {
    const item = this.#popItem();
    this.#stack.push(item, item);
  }

  remember(place: number): void {
    const item = this.#popItem();
    this.#memo.set(place, item);
    this.#stack.push(item);
  }

  rememberNext(): void {
    this.remember(this.#memo.size);
  }

  recall(place: number): void {
    const item = this.#memo.get(place);
    if (item === undefined) throw this.#reader.error(`expected a value remembered as ${place}, got none`);
    this.#stack.push(item);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.popValue();
    if (!Array.isArray(list)) throw this.#reader.error("expected a list to append to");
    for (const item of items) list.push(item);
    this.#stack.push(list);
  }

  setItems(items: readonly PickleValue[]): void {
    const dictionary = this.popValue();
    if (!(dictionary instanceof Map) || items.length % 2 !== 0)
      throw this.#reader.error("expected a dictionary to fill with pairs");
    for (let index = 0; index < items.length; index += 2) dictionary.set(items[index]!, items[index + 1]!); // an even number
    this.#stack.push(dictionary);
  }

  pushGlobal(module: PickleValue, name: PickleValue): void {
    const full = `${String(module)} ${String(name)}`;
    const tables: readonly GlobalRules[] = [PLAIN_GLOBALS, NUMPY_GLOBALS, this.#options.globals ?? {}];
    const table = tables.find((rules) => Object.hasOwn(rules, full));
    if (!table) {
      const said = full.replace(" ", ".").slice(0, 100);
      throw this.#reader.error(`it asks for ${said}, which is not among the names that are known to be harmless. It is not read`);
    }
    const rule = table[full]!; // hasOwn was asked just above
    this.#stack.push(rule.value ?? new Global(full, rule));
  }

  reduce(): void {
    const args = this.popValue();
    const target = this.#popItem();
    if (!(target instanceof Global) || !target.rule.call || !Array.isArray(args)) {
      throw this.#reader.error("expected a known name to call and a tuple of its arguments");
    }
    const made = this.#guarded(target.name, () => target.rule.call!(args));
    if (made !== null && typeof made === "object") this.#makers.set(made, target);
    this.#stack.push(made);
  }

  build(): void {
    const state = this.popValue();
    const object = this.popValue();
    const maker = this.#makers.get(object);
    if (!maker?.rule.build) throw this.#reader.error("expected an object whose state is known how to set");
    this.#guarded(maker.name, () => maker.rule.build!(object, state));
    this.#stack.push(object);
  }

  persistent(id: PickleValue): void {
    const resolve = this.#options.persistent;
    if (!resolve) throw this.#reader.error("expected no reference to anything outside, got a persistent id");
    this.#stack.push(this.#guarded("persistent id", () => resolve(id)));
  }

  /** Rules say what is wrong; the place is added here. */
  #guarded<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof FileFormatError)
        throw this.#reader.error(`${name.replace(" ", ".")}: ${error.message.replace(/\.$/, "")}`);
      throw error;
    }
  }
}

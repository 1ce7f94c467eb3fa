// Python's pickle format, protocols 0 to 5, read without running anything (pickletools.py describes the opcodes).
import { FileFormatError } from "../file-format-error.ts";
import { ByteReader } from "./byte-reader.ts";
import { NUMPY_GLOBALS } from "./numpy-globals.ts";
import type { GlobalRule, GlobalRules, PickleValue } from "./pickle-value.ts";
import { PLAIN_GLOBALS } from "./plain-globals.ts";

export interface UnpickleOptions {
  /** Names that are allowed besides those of plain values and numpy's arrays. */
  readonly globals?: GlobalRules;
  /** What a persistent id (a reference to something outside the pickle) stands for; without it there may be none. */
  readonly persistent?: (id: PickleValue) => PickleValue;
}

export interface Unpickled {
  readonly value: PickleValue;
  /** Bytes that the pickle took: another may follow. */
  readonly numBytes: number;
}

/**
 * The value of the pickle at the start of `bytes`. Nothing is imported and nothing is run: a global name outside the list of known
 * ones ends reading with a FileFormatError that says it, as does anything malformed. `where` names the bytes in errors.
 */
export function unpickle(bytes: Uint8Array, where = "pickle", options: UnpickleOptions = {}): PickleValue {
  return unpickleFrom(bytes, 0, where, options).value;
}

/** The same from byte `start` on. */
export function unpickleFrom(bytes: Uint8Array, start: number, where: string, options: UnpickleOptions = {}): Unpickled {
  const reader = new ByteReader(bytes, where, start);
  const machine = new Machine(reader, options);
  const value = machine.run();
  return { value, numBytes: reader.position - start };
}

const MARK = Symbol("mark");
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

/** Python's whole numbers have any length; none that a file of numbers holds has more bytes than this. */
const LONGEST_INTEGER = 64;

class Machine {
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

  run(): PickleValue {
    for (;;) {
      const opcode = this.#reader.uint8();
      if (opcode === 0x2e) return this.#popValue(); // STOP
      const step = OPCODES[opcode];
      if (!step) throw this.#reader.error(`expected an opcode of pickle, got 0x${opcode.toString(16).padStart(2, "0")}`);
      step(this, this.#reader);
    }
  }

  push(item: Item): void {
    this.#stack.push(item);
  }

  #popItem(): Item {
    if (this.#stack.length === 0) throw this.#reader.error("expected a value on the stack, got none");
    return this.#stack.pop()!; // just asked
  }

  #popValue(): PickleValue {
    return this.#valueOf(this.#popItem());
  }

  #valueOf(item: Item): PickleValue {
    if (item === MARK) throw this.#reader.error("expected a value on the stack, got a mark");
    return item as PickleValue; // a Global has a `kind`, as every object of a pickle
  }

  popValues(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.#popValue()).reverse();
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
    const list = this.#popValue();
    if (!Array.isArray(list)) throw this.#reader.error("expected a list to append to");
    for (const item of items) list.push(item);
    this.#stack.push(list);
  }

  setItems(items: readonly PickleValue[]): void {
    const dictionary = this.#popValue();
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
    const args = this.#popValue();
    const target = this.#popItem();
    if (!(target instanceof Global) || !target.rule.call || !Array.isArray(args)) {
      throw this.#reader.error("expected a known name to call and a tuple of its arguments");
    }
    const made = this.#guarded(target.name, () => target.rule.call!(args));
    if (made !== null && typeof made === "object") this.#makers.set(made, target);
    this.#stack.push(made);
  }

  build(): void {
    const state = this.#popValue();
    const object = this.#popValue();
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

  popForPersistent(): PickleValue {
    return this.#popValue();
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

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A little-endian whole number of any length, in two's complement. */
function integer(reader: ByteReader, length: number): number | bigint {
  if (length > LONGEST_INTEGER) throw reader.error(`expected a whole number of at most ${LONGEST_INTEGER} bytes, got ${length}`);
  const digits = [...reader.bytes(length)].reverse().map((byte) => byte.toString(16).padStart(2, "0"));
  const value = BigInt.asIntN(8 * length, BigInt(`0x${digits.join("") || "0"}`));
  return narrowed(value);
}

function narrowed(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function decimal(reader: ByteReader, line: string): number | bigint | boolean {
  if (line === "00") return false;
  if (line === "01") return true;
  if (!/^-?\d{1,150}L?$/.test(line)) throw reader.error(`expected a whole number, got "${line.slice(0, 40)}"`);
  return narrowed(BigInt(line.replace("L", "")));
}

/** Protocol 0's strings are Python literals; only plain ones and simple escapes are read. */
function quoted(reader: ByteReader, line: string): string {
  const body = /^(['"])(.*)\1$/.exec(line)?.[2];
  if (body === undefined) throw reader.error(`expected a string in quotes, got "${line.slice(0, 40)}"`);
  return body.replace(/\\(x[0-9a-fA-F]{2}|.)/g, (_, escaped: string) => {
    if (escaped.startsWith("x") && escaped.length === 3) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
    return { n: "\n", r: "\r", t: "\t" }[escaped] ?? escaped;
  });
}

type Step = (machine: Machine, reader: ByteReader) => void;

/** By opcode. What is not here (EXT1, INST, OBJ, NEXT_BUFFER, ...) no file that is read needs. */
const OPCODES: Readonly<Record<number, Step>> = {
  128: (_, reader) => {
    const protocol = reader.uint8(); // PROTO
    if (protocol > 5) throw reader.error(`expected a protocol up to 5, got ${protocol}`);
  },
  149: (_, reader) => void reader.length64(), // FRAME: the bytes follow anyway
  // Plain values.
  78: (machine) => machine.push(null), // NONE
  136: (machine) => machine.push(true), // NEWTRUE
  137: (machine) => machine.push(false), // NEWFALSE
  75: (machine, reader) => machine.push(reader.uint8()), // BININT1
  77: (machine, reader) => machine.push(reader.uint16()), // BININT2
  74: (machine, reader) => machine.push(reader.int32()), // BININT
  138: (machine, reader) => machine.push(integer(reader, reader.uint8())), // LONG1
  139: (machine, reader) => machine.push(integer(reader, reader.uint32())), // LONG4
  71: (machine, reader) => machine.push(reader.float64BigEndian()), // BINFLOAT
  73: (machine, reader) => machine.push(decimal(reader, reader.line())), // INT
  76: (machine, reader) => machine.push(decimal(reader, reader.line())), // LONG
  70: (machine, reader) => machine.push(Number(reader.line())), // FLOAT
  // Text and bytes.
  140: (machine, reader) => machine.push(text(reader.bytes(reader.uint8()))), // SHORT_BINUNICODE
  88: (machine, reader) => machine.push(text(reader.bytes(reader.uint32()))), // BINUNICODE
  141: (machine, reader) => machine.push(text(reader.bytes(reader.length64()))), // BINUNICODE8
  86: (machine, reader) => machine.push(reader.line()), // UNICODE
  83: (machine, reader) => machine.push(quoted(reader, reader.line())), // STRING
  85: (machine, reader) => machine.push(text(reader.bytes(reader.uint8()))), // SHORT_BINSTRING
  84: (machine, reader) => machine.push(text(reader.bytes(reader.uint32()))), // BINSTRING
  67: (machine, reader) => machine.push(reader.bytes(reader.uint8())), // SHORT_BINBYTES
  66: (machine, reader) => machine.push(reader.bytes(reader.uint32())), // BINBYTES
  142: (machine, reader) => machine.push(reader.bytes(reader.length64())), // BINBYTES8
  150: (machine, reader) => machine.push(reader.bytes(reader.length64())), // BYTEARRAY8
  // Containers. Sets are read as lists.
  93: (machine) => machine.push([]), // EMPTY_LIST
  125: (machine) => machine.push(new Map()), // EMPTY_DICT
  41: (machine) => machine.push([]), // EMPTY_TUPLE
  143: (machine) => machine.push([]), // EMPTY_SET
  40: (machine) => machine.push(MARK), // MARK
  133: (machine) => machine.push(machine.popValues(1)), // TUPLE1
  134: (machine) => machine.push(machine.popValues(2)), // TUPLE2
  135: (machine) => machine.push(machine.popValues(3)), // TUPLE3
  116: (machine) => machine.push(machine.popToMark()), // TUPLE
  108: (machine) => machine.push(machine.popToMark()), // LIST
  145: (machine) => machine.push(machine.popToMark()), // FROZENSET
  100: (machine) => {
    const items = machine.popToMark(); // DICT
    machine.push(new Map());
    machine.setItems(items);
  },
  97: (machine) => machine.append(machine.popValues(1)), // APPEND
  101: (machine) => machine.append(machine.popToMark()), // APPENDS
  144: (machine) => machine.append(machine.popToMark()), // ADDITEMS
  115: (machine) => machine.setItems(machine.popValues(2)), // SETITEM
  117: (machine) => machine.setItems(machine.popToMark()), // SETITEMS
  // The stack and what is remembered.
  48: (machine) => machine.drop(), // POP
  49: (machine) => void machine.popToMark(), // POP_MARK
  50: (machine) => machine.duplicate(), // DUP
  113: (machine, reader) => machine.remember(reader.uint8()), // BINPUT
  114: (machine, reader) => machine.remember(reader.uint32()), // LONG_BINPUT
  112: (machine, reader) => machine.remember(Number(decimal(reader, reader.line()))), // PUT
  148: (machine) => machine.rememberNext(), // MEMOIZE
  104: (machine, reader) => machine.recall(reader.uint8()), // BINGET
  106: (machine, reader) => machine.recall(reader.uint32()), // LONG_BINGET
  103: (machine, reader) => machine.recall(Number(decimal(reader, reader.line()))), // GET
  // Names, and what is made of them.
  99: (machine, reader) => machine.pushGlobal(reader.line(), reader.line()), // GLOBAL
  147: (machine) => {
    const [module, name] = machine.popValues(2) as [PickleValue, PickleValue]; // STACK_GLOBAL
    machine.pushGlobal(module, name);
  },
  82: (machine) => machine.reduce(), // REDUCE
  129: (machine) => machine.reduce(), // NEWOBJ
  98: (machine) => machine.build(), // BUILD
  80: (machine, reader) => machine.persistent(reader.line()), // PERSID
  81: (machine) => machine.persistent(machine.popForPersistent()), // BINPERSID
};

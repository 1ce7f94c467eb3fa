// Python's pickle format, protocols 0 to 5, read without running anything (pickletools.py describes the opcodes).
import { ByteReader } from "./byte-reader.ts";
import { Machine, type UnpickleOptions } from "./machine.ts";
import { OPCODES } from "./opcodes.ts";
import type { PickleValue } from "./pickle-value.ts";

export type { UnpickleOptions } from "./machine.ts";

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
  const value = run(new Machine(reader, options), reader);
  return { value, numBytes: reader.position - start };
}

function run(machine: Machine, reader: ByteReader): PickleValue {
  for (;;) {
    const opcode = reader.uint8();
    if (opcode === STOP) return machine.popValue();
    const step = OPCODES[opcode];
    if (!step) throw reader.error(`expected an opcode of pickle, got 0x${opcode.toString(16).padStart(2, "0")}`);
    step(machine, reader);
  }
}

const STOP = 0x2e;

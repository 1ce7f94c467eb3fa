// What each opcode of a pickle does (pickletools.py describes them).
import type { ByteReader } from "./byte-reader.ts";
import { MARK, type Machine } from "./machine.ts";
import type { PickleValue } from "./pickle-value.ts";
import { decimal, integer, quoted, text } from "./scalars.ts";

type Step = (machine: Machine, reader: ByteReader) => void;

/** By opcode. What is not here (EXT1, INST, OBJ, NEXT_BUFFER, ...) no file that is read needs. */
export const OPCODES: Readonly<Record<number, Step>> = {
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
  81: (machine) => machine.persistent(machine.popValue()), // BINPERSID
};

// Small pickles for tests, from the opcodes of Python's pickletools: dictionaries, lists, whole numbers, text, arrays of bytes.

/** What `pickleBytes` writes. A square of bytes becomes numpy's array of uint8. */
export type Picklable =
  | number
  | string
  | readonly Picklable[]
  | { readonly square: Uint8Array; readonly side: number }
  | ReadonlyMap<string, Picklable>;

/** A pickle of protocol 3. */
export function pickleBytes(value: Picklable): Uint8Array {
  return Uint8Array.from([0x80, 3, ...opcodes(value), ...ascii(".")]);
}

const ascii = (text: string) => [...new TextEncoder().encode(text)];
const length4 = (length: number) => [0, 8, 16, 24].map((shift) => (length >> shift) & 0xff);
const named = (module: string, name: string) => ascii(`c${module}\n${name}\n`);

function opcodes(value: Picklable): number[] {
  if (typeof value === "number") return [...ascii("J"), ...length4(value)];
  if (typeof value === "string") return [...ascii("X"), ...length4(value.length), ...ascii(value)];
  if (value instanceof Map) {
    const entries = [...value].flatMap(([key, entry]) => [...opcodes(key), ...opcodes(entry)]);
    return [...ascii("}("), ...entries, ...ascii("u")];
  }
  if ("square" in value) return arrayOpcodes(value.square, value.side);
  return [...ascii("]("), ...(value as readonly Picklable[]).flatMap(opcodes), ...ascii("e")]; // a Map is no list
}

/** numpy.core.multiarray._reconstruct(ndarray, (0,), b"b"), and its state: version, shape, dtype, order, bytes. */
function arrayOpcodes(bytes: Uint8Array, side: number): number[] {
  const none = ascii("N");
  const made = [...named("numpy.core.multiarray", "_reconstruct"), ...named("numpy", "ndarray"), ...opcodes(0), 0x85];
  const type = [...named("numpy", "dtype"), ...opcodes("u1"), ...opcodes(0), ...opcodes(1), 0x87, ...ascii("R")];
  const typeState = [...ascii("("), ...opcodes(3), ...opcodes("|"), ...none, ...none, ...none];
  const typed = [...type, ...typeState, ...opcodes(-1), ...opcodes(-1), ...opcodes(0), ...ascii("tb")];
  const content = [...ascii("B"), ...length4(bytes.length), ...bytes];
  return [
    ...[...made, ...ascii("C"), 1, ...ascii("b"), 0x87, ...ascii("R(")],
    ...[...opcodes(1), ...opcodes(side), ...opcodes(side), 0x86, ...typed, 0x89, ...content, ...ascii("tb")],
  ];
}

// Python's own names that a pickle of plain values may ask for, and what each makes here.
import { FileFormatError } from "../file-format-error.ts";
import type { GlobalRules, PickleObject, PickleValue } from "./pickle-value.ts";

/** argparse's Namespace: the settings of a program. */
export interface PickledNamespace extends PickleObject {
  readonly kind: "namespace";
  readonly entries: Map<PickleValue, PickleValue>;
}

const dictionary = (args: readonly PickleValue[]): PickleValue => {
  const [pairs = []] = args;
  if (pairs instanceof Map) return new Map(pairs);
  const isPairs = Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair) && pair.length === 2);
  if (!isPairs) throw new FileFormatError("expected pairs of keys and values.");
  return new Map(pairs as [PickleValue, PickleValue][]); // just checked
};

const list = (args: readonly PickleValue[]): PickleValue => {
  const [items = []] = args;
  if (!Array.isArray(items)) throw new FileFormatError("expected a list of items.");
  return [...items];
};

/** Protocol 2 writes bytes as text of one byte a letter and asks for its encoding. */
const encoded = (args: readonly PickleValue[]): PickleValue => {
  const [text, encoding] = args;
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1")) {
    throw new FileFormatError("expected text and the encoding latin1.");
  }
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
};

const bytes = (args: readonly PickleValue[]): PickleValue => {
  const [content] = args;
  if (content === undefined) return new Uint8Array();
  if (content instanceof Uint8Array) return content;
  if (typeof content === "string") return encoded([content, "latin1"]);
  throw new FileFormatError("expected bytes.");
};

const namespace = {
  call: (): PickledNamespace => ({ kind: "namespace", entries: new Map() }),
  build: (object: PickleValue, state: PickleValue) => {
    if (!(state instanceof Map)) throw new FileFormatError("expected a dictionary of settings.");
    for (const [key, value] of state) (object as PickledNamespace).entries.set(key, value); // `call` made it
  },
};

const ofBuiltins = (module: string): GlobalRules => ({
  [`${module} dict`]: { call: dictionary },
  [`${module} list`]: { call: list },
  [`${module} tuple`]: { call: list },
  [`${module} set`]: { call: list },
  [`${module} frozenset`]: { call: list },
  [`${module} bytes`]: { call: bytes },
  [`${module} bytearray`]: { call: bytes },
});

export const PLAIN_GLOBALS: GlobalRules = {
  ...ofBuiltins("builtins"),
  ...ofBuiltins("__builtin__"),
  "collections OrderedDict": {
    call: dictionary,
    // torch hangs "_metadata" on a state dict: versions of layers, which no reader needs.
    build: () => {},
  },
  "collections defaultdict": { call: () => new Map() },
  "_codecs encode": { call: encoded },
  "argparse Namespace": namespace,
};

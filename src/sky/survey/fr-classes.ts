// Fanaroff-Riley classes as tables spell them.

/** Which values of a class column count, and under which label: "FRI" to "FRI", "0" to "FRI". */
export type LabelNames = ReadonlyMap<string, string>;

/** FRI and FRII alone, in any spelling that `frClassOf` knows. */
export const FR_LABELS: LabelNames = new Map([
  ["FRI", "FRI"],
  ["FRII", "FRII"],
]);

/** "FR-I", "FR 1" and "fri" are FRI, "FR2" is FRII; every other word is itself. */
export function frClassOf(word: string): string {
  const number = /^fr[-_ ]?(i{1,2}|1|2)$/i.exec(word.trim())?.[1]?.toLowerCase();
  if (number === undefined) return word.trim();
  return number === "i" || number === "1" ? "FRI" : "FRII";
}

/** Parses "FRI,FRII" or "0=FRI,1=FRII". Throws Error for an empty entry and for a value named twice. */
export function parseLabelNames(text: string): LabelNames {
  const names = new Map<string, string>();
  for (const entry of text.split(",")) {
    const [, value, label] = /^\s*([^=]*[^=\s])\s*(?:=\s*(.*\S)\s*)?$/.exec(entry) ?? [];
    if (value === undefined)
      throw new Error(`--classes: expected values of the class column, as in FRI,FRII or 0=FRI,1=FRII, got "${entry}".`);
    if (names.has(frClassOf(value))) throw new Error(`--classes: expected every value once, got ${value} twice.`);
    names.set(frClassOf(value), label ?? frClassOf(value));
  }
  return names;
}

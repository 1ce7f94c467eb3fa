// What a file holds, as messages show it: a line of a length that a person reads.

const LONGEST = 60;

/** Text without line feeds, cut off where it is long. */
export function shown(text: string): string {
  const line = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return line.replaceAll(/\s/g, " ");
}

/** Names with commas between them: the first `most` of them. */
export function shownNames(names: readonly string[], most = 12): string {
  return names.slice(0, most).map(shown).join(", ") + (names.length > most ? ", ..." : "");
}

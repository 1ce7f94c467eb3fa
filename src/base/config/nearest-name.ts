// The name a mistyped word most likely meant.

/**
 * The name nearest to `word`, or undefined where none is near. Near is at most a third of the word's letters in edits
 * (insert, delete, replace, swap neighbours), at least one; case does not count. Ties go to the first name.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let nearest: string | undefined;
  let fewest = limit + 1;
  for (const name of names) {
    const edits = editDistance(word.toLowerCase(), name.toLowerCase());
    if (edits < fewest) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

/** ` Did you mean "training"?`, or the list of names where none is near, or nothing where there are no names. */
export function nameHint(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  if (nearest !== undefined) return ` Did you mean "${nearest}"?`;
  return names.length === 0 ? "" : ` There are: ${names.join(", ")}.`;
}

/** Optimal string alignment distance: Levenshtein's, with a swap of two neighbours as one edit. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let edits = Math.min(rows[i - 1]![j]! + 1, row[j - 1]! + 1, rows[i - 1]![j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) edits = Math.min(edits, rows[i - 2]![j - 2]! + 1);
      row.push(edits);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

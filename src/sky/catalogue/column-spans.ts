// Tables of fixed width: where each column stands, told from the characters that are blank in every line.

/** Characters `from` to `to` (left out) of every line. */
export interface ColumnSpan {
  readonly from: number;
  readonly to: number;
}

/**
 * The runs of characters that are not blank in all lines, from left to right. A run without a name above it belongs to the one
 * before it: a cell of two words under a name of one.
 */
export function columnSpans(nameLine: string, lines: readonly string[]): readonly ColumnSpan[] {
  const spans: ColumnSpan[] = [];
  for (const { from, to } of usedRuns([nameLine, ...lines])) {
    const previous = spans.at(-1);
    if (previous === undefined || nameLine.slice(from, to).trim() !== "") spans.push({ from, to });
    else spans[spans.length - 1] = { from: previous.from, to };
  }
  return spans;
}

function usedRuns(lines: readonly string[]): ColumnSpan[] {
  const width = lines.reduce((most, { length }) => Math.max(most, length), 0);
  const isUsed = new Uint8Array(width + 1);
  for (const line of lines) for (const { 0: word, index } of line.matchAll(/\S+/g)) isUsed.fill(1, index, index + word.length);
  const runs: ColumnSpan[] = [];
  let from = 0;
  for (let index = 0; index <= width; index++) {
    const wasUsed = index > 0 && isUsed[index - 1] === 1;
    if (isUsed[index] === 1 && !wasUsed) from = index;
    if (isUsed[index] === 0 && wasUsed) runs.push({ from, to: index });
  }
  return runs;
}

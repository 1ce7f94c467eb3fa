// Tables of fixed width: where each column stands, told from the characters that are blank in every line.

/** Characters `from` to `to` (left out) of every line. */
export interface ColumnSpan {
  readonly from: number;
  readonly to: number;
}

/** The runs of characters that are not blank in all lines, from left to right. */
export function columnSpans(lines: readonly string[]): readonly ColumnSpan[] {
  const width = lines.reduce((most, { length }) => Math.max(most, length), 0);
  const isUsed = new Uint8Array(width + 1);
  for (const line of lines) for (const { 0: word, index } of line.matchAll(/\S+/g)) isUsed.fill(1, index, index + word.length);
  const spans: ColumnSpan[] = [];
  let from = 0;
  for (let index = 0; index <= width; index++) {
    if (isUsed[index] === 1 && (index === 0 || isUsed[index - 1] === 0)) from = index;
    if (isUsed[index] === 0 && index > 0 && isUsed[index - 1] === 1) spans.push({ from, to: index });
  }
  return spans;
}

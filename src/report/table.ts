// HTML tables of numbers: right-aligned, with a caption.
import { escapeMarkup } from "./figures/svg.ts";

/** How a column stands: words that may break, one word, or numbers, which end at the same place. */
export type ColumnKind = "text" | "word" | "number";

export interface Column<Row> {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly cell: (row: Row) => string;
}

/** A table with one line a row. Rows that `isMain` picks stand out. An empty caption is left out. */
export function htmlTable<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  isMain: (row: Row) => boolean,
): string {
  const cellOf = (tag: string, { kind }: Column<Row>, text: string) =>
    `<${tag}${kind === "text" ? "" : ` class="${kind}"`}>${kind === "number" && tag === "td" ? numberHtml(text) : escapeMarkup(text)}</${tag}>`;
  const head = columns.map((column) => cellOf("th", column, column.name)).join("");
  const body = rows.map((row) => {
    const cells = columns.map((column) => cellOf("td", column, column.cell(row))).join("");
    return `<tr${isMain(row) ? ' class="main"' : ""}>${cells}</tr>`;
  });
  return [
    "<table>",
    ...(caption === "" ? [] : [`<caption>${escapeMarkup(caption)}</caption>`]),
    `<thead><tr>${head}</tr></thead>`,
    `<tbody>\n${body.join("\n")}\n</tbody>`,
    "</table>",
  ].join("\n");
}

/** A number keeps its line, and its interval keeps its own: a narrow column has the one under the other. */
function numberHtml(text: string): string {
  const [, value, interval] = /^(\S.*?) (\[.*\])$/.exec(text) ?? [];
  const unbroken = (part: string) => `<span>${escapeMarkup(part)}</span>`;
  return value === undefined ? unbroken(text) : `${unbroken(value)} ${unbroken(interval!)}`;
}

/** Facts as a list of names and values. */
export function factList(facts: readonly (readonly [name: string, value: string])[]): string {
  const lines = facts.map(([name, value]) => `<dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd>`);
  return `<dl>\n${lines.join("\n")}\n</dl>`;
}

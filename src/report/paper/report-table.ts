// A table of the report, and the forms it leaves in: HTML, Markdown, LaTeX, CSV.
import { escapeMarkup } from "../figures/svg.ts";
import { type ColumnKind, htmlTable } from "../table.ts";

/** Whose numbers a row holds. */
export type RowOrigin = "published" | "ours" | "floor";

export interface ReportRow {
  /** None where a row holds numbers of several; a table's rows all have one, or none. */
  readonly origin?: RowOrigin;
  /** As many as there are columns; "–" where there is nothing to say. */
  readonly cells: readonly string[];
}

export interface ReportTable {
  /** Stem of its files: "table-4". */
  readonly id: string;
  /** What a list of contents calls it; absent: what its caption begins with. */
  readonly title?: string;
  readonly caption: string;
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
  readonly rows: readonly ReportRow[];
  /** What a reader should know, a sentence or two each. */
  readonly notes: readonly string[];
  /** The command that makes our side of it, where it is missing. */
  readonly missing?: string;
}

/** Words for a row's origin: a column of its own, so that no form of the table can lose it; none where no row has one. */
const ORIGINS: Readonly<Record<RowOrigin, string>> = { published: "paper", ours: "this report", floor: "floor" };

/** The table with its first column, "numbers of". */
function withOrigins({ columns, rows }: ReportTable): {
  readonly names: readonly string[];
  readonly lines: readonly (readonly string[])[];
} {
  const names = columns.map(({ name }) => name);
  if (rows.every(({ origin }) => origin === undefined)) return { names, lines: rows.map(({ cells }) => cells) };
  return {
    names: [...names, ORIGIN_COLUMN],
    lines: rows.map(({ cells, origin }) => [...cells, originText(origin)]),
  };
}

const ORIGIN_COLUMN = "numbers of";

function originText(origin: RowOrigin | undefined): string {
  return origin === undefined ? "" : ORIGINS[origin];
}

/** How the columns stand; that of the origins is of words. */
function kindsOf(table: ReportTable, numColumns: number): readonly ColumnKind[] {
  return Array.from({ length: numColumns }, (_, column) => table.columns[column]?.kind ?? "word");
}

/** A table that scrolls by itself where the page is narrow; its caption, above it as in the paper, does not. */
export function tableHtml(table: ReportTable): string {
  const { names, lines } = withOrigins(table);
  const kinds = kindsOf(table, names.length);
  const columns = names.map((name, place) => ({
    name,
    kind: kinds[place]!,
    cell: (index: number) => lines[index]![place]!,
  }));
  const isOurs = (index: number) => table.rows[index]!.origin === "ours";
  const html = htmlTable("", columns, [...table.rows.keys()], isOurs);
  return `<figure class="table">\n<figcaption>${escapeMarkup(table.caption)}</figcaption>\n<div class="scroll">\n${html}\n</div>\n</figure>`;
}

/** A table as GitHub's Markdown has it. */
export function tableMarkdown(table: ReportTable): string {
  const { names, lines } = withOrigins(table);
  const safe = (text: string) => text.replaceAll("|", "\\|");
  const row = (cells: readonly string[]) => `| ${cells.map(safe).join(" | ")} |`;
  const rule = kindsOf(table, names.length).map((kind) => (kind === "number" ? "---:" : "---"));
  return `${[`**${table.caption}**`, "", row(names), row(rule), ...lines.map(row), ...notesOf(table)].join("\n")}\n`;
}

function notesOf({ notes }: ReportTable): string[] {
  return notes.length === 0 ? [] : ["", ...notes.map((note) => `- ${note}`)];
}

/** A float for a paper, which LaTeX numbers: booktabs' rules, and groups of rows set apart. */
export function tableLatex(table: ReportTable): string {
  const { names, lines } = withOrigins(table);
  const row = (cells: readonly string[]) => `${cells.map(latexText).join(" & ")} \\\\`;
  const body = lines.flatMap((cells, place) => {
    const isNewGroup = place > 0 && table.rows[place]!.origin !== table.rows[place - 1]!.origin;
    return isNewGroup ? ["\\midrule", row(cells)] : [row(cells)];
  });
  const layout = kindsOf(table, names.length)
    .map((kind) => (kind === "number" ? "r" : "l"))
    .join("");
  return `${[
    "% \\usepackage{booktabs}",
    "\\begin{table}",
    `\\caption{${latexText([table.caption.replace(/^Table \d+\. /, ""), ...table.notes].join(" "))}}`,
    `\\label{tab:${table.id}}`,
    `\\begin{tabular}{${layout}}`,
    "\\toprule",
    row(names),
    "\\midrule",
    ...body,
    "\\bottomrule",
    "\\end{tabular}",
    "\\end{table}",
  ].join("\n")}\n`;
}

const LATEX: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "±": "$\\pm$",
  "−": "$-$",
  "–": "--",
  "²": "$^2$",
  "×": "$\\times$",
  "<": "$<$",
  ">": "$>$",
  "~": "\\textasciitilde{}",
  "^": "\\textasciicircum{}",
  "\u202f": "\\,",
};

function latexText(text: string): string {
  return text.replace(/[\\±−–²×<>~^\u202f]|[&%$#_{}]/g, (mark) => LATEX[mark] ?? `\\${mark}`);
}

/** RFC 4180, with a header. */
export function tableCsv(table: ReportTable): string {
  const { names, lines } = withOrigins(table);
  const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return `${[names, ...lines].map((cells) => cells.map(cell).join(",")).join("\r\n")}\r\n`;
}

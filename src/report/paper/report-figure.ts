// A figure of the report: one picture or several panels, a caption, or the command that makes it.
import { escapeMarkup } from "../figures/svg.ts";
import { type FigureWidth, figureHtml } from "../page.ts";

/** One picture. */
export interface FigurePanel {
  /** Tells it apart from the figure's other panels in file names; empty where it is the only one. */
  readonly name: string;
  readonly svg: string;
  readonly width: FigureWidth;
  /** Above it, where it is one of several. */
  readonly heading?: string;
}

export interface ReportFigure {
  /** Stem of its files: "figure-5". */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly panels: readonly FigurePanel[];
  /** The command that makes it, where its data are missing. */
  readonly missing?: string;
}

/** Panels side by side where the page has the room, and the caption under them. */
export function figureBlock({ panels, caption, title }: ReportFigure): string {
  const text = `${title} ${caption}`;
  if (panels.length === 0) return "";
  const [only] = panels;
  if (panels.length === 1) return figureHtml(only!.svg, text, only!.width);
  const kinds: Readonly<Record<FigureWidth, string>> = { full: "stack", narrow: "panels", natural: "stack natural" };
  const inner = panels.map(({ svg, heading }) => `<div>\n${headingHtml(heading)}${svg}\n</div>`).join("\n");
  return `<figure class="${kinds[only!.width]}">\n${inner}\n<figcaption>${escapeMarkup(text)}</figcaption>\n</figure>`;
}

function headingHtml(heading: string | undefined): string {
  return heading === undefined ? "" : `<p class="panel-title">${escapeMarkup(heading)}</p>\n`;
}

/** Letters, digits and dashes, for a file's name. */
export function fileStem(text: string): string {
  return text
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase();
}

// The page of a report: one HTML file that asks nothing of the network, readable on screen and on paper.
import { escapeMarkup } from "./figures/svg.ts";

/** A heading with ready-made HTML under it. */
export interface Section {
  readonly heading: string;
  readonly body: string;
}

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f6f7f9; color: #1b1f24; font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 820px; margin: 0 auto; padding: 40px 32px 64px; background: #fff; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.2rem; margin: 2.6rem 0 .6rem; padding-top: .9rem; border-top: 1px solid #e3e6ea; }
p { margin: .5rem 0; }
.lead { color: #57606a; margin-bottom: 1.2rem; }
.note { border-left: 4px solid #e69f00; background: #fdf6e7; padding: .55rem .9rem; margin: 1rem 0; }
figure { margin: 1rem 0 1.4rem; break-inside: avoid; }
figure svg { display: block; width: 100%; height: auto; }
figure.narrow svg { max-width: 500px; }
.natural svg { width: auto; max-width: 100%; }
figcaption { color: #57606a; font-size: .88rem; margin-top: .45rem; }
figure.table figcaption { color: inherit; margin: 0 0 .5rem; }
.scroll { overflow-x: auto; }
.scroll td:first-child, .scroll th:first-child { position: sticky; left: 0; background: #fff; }
.scroll tr.main td:first-child { background: #eef5fb; }
table { border-collapse: separate; border-spacing: 0; width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption { caption-side: bottom; text-align: left; color: #57606a; padding-top: .5rem; }
th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid #e3e6ea; vertical-align: top; }
th { border-bottom: 2px solid #57606a; font-weight: 600; }
main.wide { max-width: 1080px; }
main.wide figure:not(.narrow) > svg, main.wide .stack svg { max-width: min(860px, 100%); }
main.wide td:first-child { min-width: 12rem; }
figure + .notes { margin-top: -.9rem; }
.number { text-align: right; }
.number span, .word { white-space: nowrap; }
tr.main td { font-weight: 600; background: #eef5fb; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; font-size: .88rem; margin: .6rem 0; }
dt { color: #57606a; }
dd { margin: 0; overflow-wrap: anywhere; }
pre { font: .8rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; background: #f6f7f9; padding: .8rem 1rem; overflow-x: auto; }
summary { cursor: pointer; font-size: .92rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 1rem; align-items: start; }
.panels figcaption, .stack figcaption { grid-column: 1 / -1; }
.stack > div { margin-bottom: .8rem; }
.panel-title { font-size: .92rem; font-weight: 600; margin: .8rem 0 .35rem; }
.item { margin: 1.2rem 0 2rem; scroll-margin-top: 1rem; }
.contents { columns: 2 300px; padding-left: 1.1rem; font-size: .92rem; }
.contents li { break-inside: avoid; }
.notes { color: #57606a; font-size: .88rem; padding-left: 1.1rem; margin: .4rem 0; }
.missing { color: #8a5a00; background: #fdf6e7; border-radius: 3px; padding: 0 .35rem; font-size: .8rem; white-space: nowrap; }
.make { border-left: 4px solid #e69f00; background: #fdf6e7; padding: .45rem .9rem; font-size: .88rem; }
code { font: .86em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.make code { display: block; margin-top: .2rem; }
@media (max-width: 640px) { main { padding: 24px 16px 40px; } main.wide td:first-child { min-width: 8.5rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; } }
@media print { body { background: #fff; } main { max-width: none; padding: 0; } h2 { break-after: avoid; } .scroll { overflow: visible; } }
`.trim();

/** A whole HTML document. `lead` is plain text; the sections' bodies are HTML. A wide page is for tables of many columns. */
export function htmlPage(
  title: string,
  lead: string,
  sections: readonly Section[],
  width: "reading" | "wide" = "reading",
): string {
  const parts = sections.map(({ heading, body }) => `<section>\n<h2>${escapeMarkup(heading)}</h2>\n${body}\n</section>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main${width === "wide" ? ' class="wide"' : ""}>
<h1>${escapeMarkup(title)}</h1>
<p class="lead">${escapeMarkup(lead)}</p>
${parts.join("\n")}
</main>
</body>
</html>
`;
}

/** How wide a figure stands: as the page, at most a square's width, or as it was drawn. */
export type FigureWidth = "full" | "narrow" | "natural";

/** A figure with its caption. */
export function figureHtml(svg: string, caption: string, width: FigureWidth = "full"): string {
  const kind = width === "full" ? "" : ` class="${width}"`;
  return `<figure${kind}>\n${svg}\n<figcaption>${escapeMarkup(caption)}</figcaption>\n</figure>`;
}

/** A paragraph of plain text. */
export function paragraph(text: string, kind: "plain" | "note" = "plain"): string {
  return `<p${kind === "note" ? ' class="note"' : ""}>${escapeMarkup(text)}</p>`;
}

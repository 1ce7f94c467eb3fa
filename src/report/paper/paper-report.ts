// The paper's tables and figures with our numbers beside its own: one page, and each table and figure by itself.
import { escapeMarkup } from "../figures/svg.ts";
import { htmlPage, type Section } from "../page.ts";
import { factList } from "../table.ts";
import { confusionFigure, curveFigure, frFigure } from "./class-figures.ts";
import { countComparisonFigure, predictionFigure } from "./count-figures.ts";
import { fewLabelsTable, finetuneTable } from "./curve-tables.ts";
import { flagFigure, histogramFigure, sampleFigure, scalingFigure } from "./data-figures.ts";
import { backboneTable, dataTable, settingsTable } from "./data-tables.ts";
import { evaluationGroups } from "./evaluation-groups.ts";
import { evaluationTables } from "./evaluation-tables.ts";
import { gridTable } from "./grid-tables.ts";
import type { ReportInputs } from "./inputs.ts";
import { figureBlock, type ReportFigure } from "./report-figure.ts";
import { type ReportTable, tableHtml } from "./report-table.ts";
import { resultTable } from "./result-tables.ts";
import { attentionFigure, projectionFigure, trainingFigure } from "./training-figures.ts";

/** Everything a report holds, ready to be written. */
export interface PaperReport {
  readonly html: string;
  /** In the paper's order. */
  readonly tables: readonly ReportTable[];
  readonly figures: readonly ReportFigure[];
}

/** One heading of the page: what stands under it, in order. */
interface Part {
  readonly heading: string;
  readonly items: readonly (ReportTable | ReportFigure)[];
}

/** Makes the report. Missing data are told with the command that makes them. */
export function paperReport(gathered: ReportInputs): PaperReport {
  const groups = evaluationGroups(gathered.records);
  const inputs = { ...gathered, records: groups.map(({ headline }) => headline) };
  const parts: readonly Part[] = [
    { heading: "Data", items: [dataTable(inputs), sampleFigure(inputs), scalingFigure(inputs), histogramFigure(inputs)] },
    { heading: "Training", items: [settingsTable(inputs), trainingFigure(inputs), ...inputs.grids.map(gridTable)] },
    { heading: "Emerging properties", items: [projectionFigure(inputs), attentionFigure(inputs)] },
    {
      heading: "Evaluation",
      items: [
        backboneTable(inputs),
        predictionFigure(inputs),
        countComparisonFigure(inputs),
        frFigure(inputs),
        confusionFigure(inputs),
      ],
    },
    { heading: "Data quality (appendix A)", items: [flagFigure(inputs)] },
    { heading: "Results (appendix B)", items: [resultTable(inputs)] },
    {
      heading: "Fine-tuning and fewer labels (appendix C)",
      items: [curveFigure(inputs), finetuneTable(inputs), fewLabelsTable(inputs)],
    },
    ...(groups.length === 0 ? [] : [{ heading: "Every evaluation in full", items: evaluationTables(groups) }]),
  ];
  const items = parts.flatMap((part) => part.items);
  return {
    html: page(inputs, parts),
    tables: items.filter(isTable),
    figures: items.filter((item): item is ReportFigure => !isTable(item)),
  };
}

function isTable(item: ReportTable | ReportFigure): item is ReportTable {
  return "rows" in item;
}

const LEAD =
  "The tables and figures of “Self-Supervised Learning on MeerKAT Wide-Field Continuum Images” (Lastufka et al. 2024, A&A 690, A310, arXiv 2408.06147), with this report's numbers beside the paper's.";

const RULES =
  "The paper's numbers are for its own crops and are printed for comparison; they are no measurement of these data. Ours have 95 % intervals, over whole fields where fields exist. Everything fitted is fitted on training crops alone. Floors are what knows nothing of learning: a backbone is worth its distance from them, which stands with its interval under “Every evaluation in full”.";

function page(inputs: ReportInputs, parts: readonly Part[]): string {
  const sections: readonly Section[] = [
    { heading: "Contents", body: `<p class="note">${escapeMarkup(RULES)}</p>\n${contents(parts)}` },
    ...parts.map(({ heading, items }) => ({ heading, body: items.map(itemHtml).join("\n") })),
    { heading: "What this was made from", body: factList(inputs.facts) },
  ];
  return htmlPage("Suricate: report", LEAD, sections, "wide");
}

/** A list of all tables and figures; those without our data are marked. */
function contents(parts: readonly Part[]): string {
  const lines = parts
    .flatMap(({ items }) => items)
    .map((item) => {
      const title = item.title ?? /^(Table \d+\.)?[^.:]*/.exec(item.caption)![0]; // any caption begins so
      const mark = item.missing === undefined ? "" : ' <span class="missing">incomplete</span>';
      return `<li><a href="#${item.id}">${escapeMarkup(title.replace(/\.$/, ""))}</a>${mark}</li>`;
    });
  return `<ul class="contents">\n${lines.join("\n")}\n</ul>`;
}

function itemHtml(item: ReportTable | ReportFigure): string {
  const inner = isTable(item) ? [tableHtml(item), notesHtml(item.notes)] : [figureBlock(item)];
  const title =
    !isTable(item) && item.panels.length === 0
      ? `<p><strong>${escapeMarkup(item.title)}</strong> ${escapeMarkup(item.caption)}</p>`
      : "";
  return `<div class="item" id="${item.id}">\n${[title, ...inner, missingHtml(item.missing)].filter(Boolean).join("\n")}\n</div>`;
}

function notesHtml(notes: readonly string[]): string {
  return notes.length === 0
    ? ""
    : `<ul class="notes">\n${notes.map((note) => `<li>${escapeMarkup(note)}</li>`).join("\n")}\n</ul>`;
}

/** Commands that are separated by "; " stand one a line. */
function missingHtml(missing: string | undefined): string {
  if (missing === undefined) return "";
  const commands = missing.split("; ").map((command) => `<code>${escapeMarkup(command)}</code>`);
  return `<div class="make">Data are missing. They are made by\n${commands.join("\n")}\n(then name the folder to report).</div>`;
}

// suricate report: the paper's tables and figures with one's own numbers beside them, as a page and as files.
import { join } from "node:path";
import { Command } from "commander";
import { writeFileAtomically } from "#base/files/disk";
import { type PaperReport, paperReport, tableCsv, tableLatex, tableMarkdown } from "#report";
import { pngOfSvg } from "#report/native";
import { gatherInputs } from "./report/gather.ts";
import { noteFiles, removeStale } from "./report/written-files.ts";
import { counted, printJson, progressBar, say } from "./terminal.ts";

interface Flags {
  readonly out: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  suricate report crops runs results --out report
  suricate report . --out report --json

Looks through the folders and what is under them for crop sets, runs, grids, results (JSON files that evaluate --out wrote; a later
one takes the place of an earlier one of the same task, set and backbone) and figures of inspect, project and attention
(figure-4*.svg, figure-6*.svg, figure-7*.svg). Writes report.html, which needs nothing else, tables/ (CSV, Markdown, LaTeX) and
figures/ (SVG, PNG); files.json lists them, so that a later report takes away what it no longer has. What has no data yet says
which command makes it.`;

/** `suricate report`. */
export function reportCommand(): Command {
  return new Command("report")
    .description("The paper's tables and figures with your numbers beside them: one page, tables and figures.")
    .argument("<folders...>", "folders with crop sets, runs, grids, results and figures")
    .requiredOption("--out <folder>", "where the report goes; an earlier one there is written over")
    .option("--json", "print one JSON document on stdout", false)
    .addHelpText("after", EXAMPLES)
    .action(runReport);
}

async function runReport(folders: readonly string[], { out, json }: Flags): Promise<void> {
  const { inputs, skipped } = await gatherInputs(folders, out);
  for (const line of skipped) say(`skipped ${line}`);
  const report = paperReport(inputs);
  writeReport(out, report);
  const { tables, figures } = report;
  const incomplete = [...tables, ...figures].filter(({ missing }) => missing !== undefined);
  const numbers = [
    counted(inputs.cropSets.length, "crop set"),
    counted(inputs.runs.length, "run"),
    counted(inputs.records.length, "result"),
  ].join(", ");
  say(
    `${join(out, "report.html")}: ${numbers}; ${incomplete.length} of ${tables.length + figures.length} tables and figures lack data.`,
  );
  if (json)
    printJson(
      summaryOf(out, report, {
        skipped,
        cropSets: inputs.cropSets.length,
        runs: inputs.runs.length,
        results: inputs.records.length,
      }),
    );
}

function summaryOf(out: string, { tables, figures }: PaperReport, counts: object) {
  return {
    page: join(out, "report.html"),
    ...counts,
    tables: tables.map(({ id, rows, missing }) => ({ id, rows: rows.length, missing: missing ?? null })),
    figures: figures.map(({ id, panels, missing }) => ({ id, panels: panels.length, missing: missing ?? null })),
  };
}

/** Tables and figures first, the page last; then what an earlier report wrote here and this one does not. Throws FileError. */
function writeReport(out: string, { html, tables, figures }: PaperReport): void {
  const texts = tables.flatMap((table) => [
    { name: `tables/${table.id}.csv`, text: tableCsv(table) },
    { name: `tables/${table.id}.md`, text: tableMarkdown(table) },
    { name: `tables/${table.id}.tex`, text: tableLatex(table) },
  ]);
  const pictures = figures.flatMap(({ id, panels }) =>
    panels.map(({ name, svg }) => ({ stem: `figures/${name === "" ? id : `${id}-${name}`}`, svg })),
  );
  const files = [...texts.map(({ name }) => name), ...pictures.flatMap(({ stem }) => [`${stem}.svg`, `${stem}.png`])];
  const earlier = noteFiles(out, files);
  for (const { name, text } of texts) writeText(join(out, name), text);
  const bar = progressBar("report", pictures.length, { unit: "figures" });
  for (const { stem, svg } of pictures) {
    writeText(join(out, `${stem}.svg`), svg);
    writeFileAtomically(join(out, `${stem}.png`), pngOfSvg(svg));
    bar.advance(1);
  }
  bar.finish();
  writeText(join(out, "report.html"), html);
  const numStale = removeStale(out, { earlier, files });
  if (numStale > 0) say(`${out}: ${counted(numStale, "file")} of an earlier report that this one does not have removed.`);
}

function writeText(path: string, text: string): void {
  writeFileAtomically(path, new TextEncoder().encode(text));
}

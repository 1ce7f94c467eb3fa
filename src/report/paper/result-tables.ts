// Table 4 (paper appendix B): what every backbone reaches on the paper's tasks.
import type { EvaluationRecord } from "#learn/tasks";
import { numberText } from "../number-text.ts";
import { backboneTitle } from "./backbone-names.ts";
import type { ReportInputs } from "./inputs.ts";
import { setTitle } from "./known-sets.ts";
import { measuresOf } from "./measures.ts";
import { PUBLISHED_RESULTS, RESULT_COLUMNS, type ResultColumn } from "./published.ts";
import type { ReportRow, ReportTable } from "./report-table.ts";
import { type Measure, numTested, type Score, scoreText } from "./scores.ts";

const COLUMN_NAMES: Readonly<Record<ResultColumn, string>> = {
  mgclsMse: "MGCLS MSE",
  mighteeMse: "MIGHTEE MSE",
  mbError: "MB error",
  mbF1: "MB F1",
  mfrError: "MFR error",
  mfrF1: "MFR F1",
  rgdAccuracy: "RGD accuracy",
};

/** What makes the numbers of a column. */
export const COLUMN_COMMANDS: Readonly<Record<ResultColumn, string>> = {
  mgclsMse: "suricate evaluate source-count MGCLS_20k --backbone RUN --split own --out mgcls.json",
  mighteeMse: "suricate evaluate source-count MIGHTEE --backbone RUN --split field --out mightee.json",
  mbError: "suricate evaluate fr MiraBest --backbone RUN --out mirabest.json",
  mbF1: "suricate evaluate fr MiraBest --backbone RUN --out mirabest.json",
  mfrError: "suricate evaluate fr MIGHTEE_FR --backbone RUN --out mightee-fr.json",
  mfrF1: "suricate evaluate fr MIGHTEE_FR --backbone RUN --out mightee-fr.json",
  rgdAccuracy: "suricate evaluate finetune RadioGalaxyDataset --backbone RUN --layers all --out rgd.json",
};

/** Table 4. */
export function resultTable({ records }: ReportInputs): ReportTable {
  const shown = records.filter(isOfPaper);
  const measures = shown.flatMap(measuresOf);
  const byColumn = RESULT_COLUMNS.map((column) => latest(measures.filter((measure) => measure.column === column)));
  const published = PUBLISHED_RESULTS.map((cells) => ({ origin: "published" as const, cells }));
  const rows = [...published, ...scoreRows(byColumn)];
  const missing = [
    ...new Set(RESULT_COLUMNS.filter((_, place) => byColumn[place]!.length === 0).map((column) => COLUMN_COMMANDS[column])),
  ];
  return {
    id: "table-4",
    caption:
      "Table 4. Results of every backbone: mean squared error of the source count, error and F1 of FRI/FRII, accuracy of four classes after fine-tuning. Ours with 95 % intervals; the paper's ± is over three runs of the probe.",
    columns: [
      { name: "backbone", kind: "text" },
      ...RESULT_COLUMNS.map((column) => ({ name: COLUMN_NAMES[column], kind: "number" as const })),
    ],
    rows,
    notes: [...sampleNotes(shown), ...auditNotes(shown), ...seedNotes(rows)],
    ...(missing.length === 0 ? {} : { missing: missing.join("; ") }),
  };
}

/** Scores of one column; where a backbone was evaluated twice, the later evaluation's. */
function latest(measures: readonly Measure[]): readonly Score[] {
  return [...new Map(measures.flatMap(({ scores }) => scores).map((score) => [score.title, score])).values()];
}

/** One row a backbone, the trained ones before the floors. */
function scoreRows(byColumn: readonly (readonly Score[])[]): readonly ReportRow[] {
  const all = byColumn.flat();
  const titles = [...new Set(all.map(({ title }) => title))];
  const originOf = (title: string) => all.find((score) => score.title === title)!.origin; // titles are made of them
  const inOrder = [
    ...titles.filter((title) => originOf(title) === "ours"),
    ...titles.filter((title) => originOf(title) === "floor"),
  ];
  return inOrder.map((title) => ({
    origin: originOf(title),
    cells: [title, ...byColumn.map((scores) => scoreText(scores.find((score) => score.title === title)))],
  }));
}

/** Where the columns' numbers are from. */
function sampleNotes(records: readonly EvaluationRecord[]): string[] {
  const samples = new Set(records.map((record) => `${setTitle(record)} ${numTested(record)}`));
  return samples.size === 0 ? [] : [`Test crops: ${[...samples].join(", ")}.`];
}

function seedNotes(rows: readonly ReportRow[]): string[] {
  const hasFamilies = rows.some(({ origin, cells }) => origin !== "published" && / seeds( of pre-training)?\)$/.test(cells[0]!)); // a row has its name
  return hasFamilies ? ["A network of several seeds is one row, their mean; its intervals are over test crops and seeds."] : [];
}

function isOfPaper(record: EvaluationRecord): boolean {
  return measuresOf(record).some(({ column }) => column !== undefined);
}

const METRIC_WORDS = { error: "an error", meanSquaredError: "a mean squared error" } as const;

/** What the published code's way of fitting makes of the same task, where both were asked for. */
function auditNotes(records: readonly EvaluationRecord[]): string[] {
  return records.flatMap((record) => {
    const audit = "audit" in record ? record.audit : undefined;
    if (audit === undefined) return [];
    return `Fitted as the published code does (${audit.protocol}, for audit), ${backboneTitle(audit.backbone)} on ${setTitle(record)} has ${METRIC_WORDS[audit.metric]} of ${numberText(audit.value)} where the paper's text, fitted on training crops alone, gives ${numberText(record.value)}.`;
  });
}

// Figures 8 and 9: predicted source counts, and how backbones compare on them.
import type { EvaluationRecord } from "#learn/tasks";
import { type IntervalRow, intervalPlotSvg } from "../figures/interval-plot.ts";
import { scatterPlotSvg } from "../figures/scatter-plot.ts";
import { estimateText, numberText } from "../number-text.ts";
import { predictionsByField } from "../score-rows.ts";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import type { ReportInputs } from "./inputs.ts";
import { setTitle } from "./known-sets.ts";
import { measuresOf } from "./measures.ts";
import { PUBLISHED_RESULTS, RESULT_COLUMNS, type ResultColumn } from "./published.ts";
import { type FigurePanel, fileStem, type ReportFigure } from "./report-figure.ts";
import { COLUMN_COMMANDS } from "./result-tables.ts";
import type { Measure } from "./scores.ts";

type CountEvaluation = Extract<EvaluationRecord, { task: "source-count" }>;

function countRecords({ records }: ReportInputs): readonly CountEvaluation[] {
  return records.filter((record): record is CountEvaluation => record.task === "source-count");
}

const MISSING = COLUMN_COMMANDS.mgclsMse;

/** Figure 8. */
export function predictionFigure(inputs: ReportInputs): ReportFigure {
  const records = countRecords(inputs).filter(({ backbone }) => !isFloorName(backbone));
  const panels = records.map((record) => ({
    name: fileStem(`${setTitle(record)}-${backboneTitle(record.backbone)}`),
    svg: scatterPlotSvg({
      description: `Predicted against true counts of ${setTitle(record)} by ${backboneTitle(record.backbone)}`,
      xName: `${record.label}, ${setTitle(record)}`,
      yName: `predicted, ${backboneTitle(record.backbone)}`,
      groups: predictionsByField(record),
    }),
    width: "narrow" as const,
  }));
  return {
    id: "figure-8",
    title: "Figure 8. Predicted source counts.",
    caption: `Test crops, by the exact probe. ${records.map(countText).join(" ")} The paper: 49.19 ± 0.06 (ResNet) and 39.98 ± 0.05 (ViT) on MGCLS, where 2 % of the crops have more than 60 sources and 0.15 % are predicted to; 37.73 ± 0.01 and 23.14 ± 0.01 on MIGHTEE.`,
    panels,
    ...(panels.length > 0 ? {} : { missing: MISSING }),
  };
}

/** Error and the upper tail of one evaluation in words (paper section 4.1). */
function countText(record: CountEvaluation): string {
  const { backbone, value, interval, test } = record;
  const { count, truth, predicted } = tailOf(record);
  const percent = (share: number) => `${numberText(100 * share)} %`;
  return `${backboneTitle(backbone)} on ${setTitle(record)}: mean squared error ${estimateText(value, interval)}; ${percent(truth)} of the ${test.truth.length} crops have more than ${count}, ${percent(predicted)} are predicted to.`;
}

/** The share of crops near the paper's 2 % that exceeds a count, in truth and as the exact probe predicts. */
function tailOf({ tail, test, predictions }: CountEvaluation) {
  const distance = ({ truth }: { readonly truth: number }) => Math.abs(truth - PAPER_TAIL);
  const [nearest] = (tail ?? []).toSorted((a, b) => distance(a) - distance(b));
  if (nearest?.predicted["exact"] !== undefined) return { ...nearest, predicted: nearest.predicted["exact"] };
  const sorted = test.truth.toSorted((a, b) => a - b);
  const count = sorted[Math.floor((1 - PAPER_TAIL) * (sorted.length - 1))] ?? 0;
  const share = (values: readonly number[]) => values.filter((one) => one > count).length / values.length;
  return { count, truth: share(test.truth), predicted: share(predictions) };
}

/** "For MGCLS, 2 % of crops have source counts exceeding 60" (paper section 4.1). */
const PAPER_TAIL = 0.02;

/** Figure 9. */
export function countComparisonFigure(inputs: ReportInputs): ReportFigure {
  const measures = inputs.records.flatMap((record) => (record.task === "source-count" ? measuresOf(record).slice(0, 1) : []));
  return comparisonFigure(measures, {
    id: "figure-9",
    title: "Figure 9. Source counts by backbone.",
    caption: "Mean squared error, lower is better.",
    missing: MISSING,
  });
}

/** Bars of one or several measures, with the paper's numbers where it has the column. */
export function comparisonFigure(
  measures: readonly Measure[],
  {
    id,
    title,
    caption,
    missing,
  }: { readonly id: string; readonly title: string; readonly caption: string; readonly missing: string },
): ReportFigure {
  const names = [...new Set(measures.map(({ name }) => name))];
  const panels = names.map((name): FigurePanel => {
    const same = measures.filter((measure) => measure.name === name);
    const rows = comparisonRows(same);
    return { name: fileStem(name), svg: intervalPlotSvg({ description: name, xName: name, rows }), width: "full" };
  });
  const legend =
    "Circles: trained backbones; squares: what they have to beat; both with 95 % intervals. Diamonds: the paper's numbers for its own crops, without an interval.";
  return { id, title, caption: `${caption} ${legend}`, panels, ...(panels.length > 0 ? {} : { missing }) };
}

function comparisonRows(measures: readonly Measure[]): readonly IntervalRow[] {
  const scores = [...new Map(measures.flatMap((measure) => measure.scores).map((score) => [score.title, score])).values()];
  const ours = scores
    .filter(({ value }) => Number.isFinite(value))
    .map(({ title, origin, value, interval }) => ({
      name: title,
      value,
      interval: interval ?? ([value, value] as const),
      kind: origin === "ours" ? ("main" as const) : ("floor" as const),
    }));
  const column = measures.find((measure) => measure.column !== undefined)?.column;
  return [...ours.toSorted((a, b) => Number(a.kind === "floor") - Number(b.kind === "floor")), ...publishedRows(column)];
}

function publishedRows(column: ResultColumn | undefined): readonly IntervalRow[] {
  if (column === undefined) return [];
  const place = RESULT_COLUMNS.indexOf(column) + 1;
  return PUBLISHED_RESULTS.flatMap((cells) => {
    const value = Number.parseFloat(cells[place]!);
    return Number.isNaN(value)
      ? []
      : [{ name: `${cells[0]} (paper)`, value, interval: [value, value] as const, kind: "published" as const }];
  });
}

// Tables 5 and 6 (paper appendix C): errors by the number of fine-tuned layers, and by the number of labels.
import type { Estimate, EvaluationRecord, FewLabelsCurve, FinetuneScore } from "#learn/tasks";
import { fractionText } from "../number-text.ts";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import type { ReportInputs } from "./inputs.ts";
import { paperSetOf, setTitle } from "./known-sets.ts";
import { PUBLISHED_FEW_LABELS, PUBLISHED_FINE_TUNING, type PublishedCurve } from "./published.ts";
import type { ReportRow, ReportTable, RowOrigin } from "./report-table.ts";

export type FinetuneEvaluation = Extract<EvaluationRecord, { task: "finetune" }>;
export type FewLabelsEvaluation = Extract<EvaluationRecord, { task: "few-labels" }>;

/** Fine-tunings of the paper's Table 5: of MiraBest where there are any, else of other sets. */
export function finetuneRecords({ records }: ReportInputs): readonly FinetuneEvaluation[] {
  const all = records.filter((record) => record.task === "finetune" && record.points.length > 1) as FinetuneEvaluation[]; // told by `task`
  return ofMiraBest(all);
}

/** Label reductions of the paper's Table 6, by the same rule. */
export function fewLabelsRecords({ records }: ReportInputs): readonly FewLabelsEvaluation[] {
  return ofMiraBest(records.filter((record) => record.task === "few-labels") as FewLabelsEvaluation[]); // told by `task`
}

function ofMiraBest<Kind extends EvaluationRecord>(records: readonly Kind[]): readonly Kind[] {
  const those = records.filter((record) => paperSetOf(record) === "MiraBest");
  return those.length > 0 ? those : records;
}

/** What a row is of: the columns are the paper's, of MiraBest, so that another set is named. */
export function curveTitle(name: string, record: FinetuneEvaluation | FewLabelsEvaluation): string {
  return paperSetOf(record) === "MiraBest" ? backboneTitle(name) : `${backboneTitle(name)}, on ${setTitle(record)}`;
}

const CURVE_COLUMNS = (x: string) =>
  [
    { name: "backbone", kind: "text" },
    { name: x, kind: "number" },
    { name: "MB error", kind: "number" },
    { name: "MB F1", kind: "number" },
  ] as const;

/** Table 5. */
export function finetuneTable(inputs: ReportInputs): ReportTable {
  const records = finetuneRecords(inputs);
  const ours = records.flatMap((record) => [
    ...record.points.map((point) => finetuneRow(curveTitle(record.backbone, record), point, "ours")),
    ...(record.scratch === null
      ? []
      : [finetuneRow(`${curveTitle(record.backbone, record)}, from scratch`, record.scratch, "floor")]),
  ]);
  return {
    id: "table-5",
    caption:
      "Table 5. FRI/FRII error and F1 by the number of fine-tuned layer groups. The paper's ± is the spread over the last ten epochs of one training; ours are 95 % intervals over test crops and seeds.",
    columns: CURVE_COLUMNS("fine-tuned layers"),
    rows: [...publishedRows(PUBLISHED_FINE_TUNING), ...ours],
    notes: setNotes(records),
    ...(records.length > 0
      ? {}
      : { missing: "suricate evaluate finetune MiraBest --backbone RUN --layers 0..all --out finetune.json" }),
  };
}

/** Table 6. */
export function fewLabelsTable(inputs: ReportInputs): ReportTable {
  const records = fewLabelsRecords(inputs);
  const ours = records.flatMap((record) => [record, ...record.floors].flatMap((curve) => fewLabelsRows(curve, record)));
  return {
    id: "table-6",
    caption:
      "Table 6. FRI/FRII error and F1 by the number of labels. The paper's ± is over the last ten epochs of one training; ours are 95 % intervals over test crops and draws of the labels.",
    columns: CURVE_COLUMNS("labels"),
    rows: [...publishedRows(PUBLISHED_FEW_LABELS), ...ours],
    notes: setNotes(records),
    ...(records.length > 0 ? {} : { missing: "suricate evaluate few-labels MiraBest --backbone RUN --out few-labels.json" }),
  };
}

function publishedRows(curves: readonly PublishedCurve[]): readonly ReportRow[] {
  const spread = (value: number, deviation: number) => `${value.toFixed(2)} ± ${deviation.toFixed(2)}`;
  return curves.flatMap(({ backbone, points }) =>
    points.map(([x, error, errorSpread, f1, f1Spread]) => ({
      origin: "published" as const,
      cells: [backbone, String(x), spread(error, errorSpread), spread(f1, f1Spread)],
    })),
  );
}

function finetuneRow(title: string, { numLayers, value, interval, f1 }: FinetuneScore, origin: RowOrigin): ReportRow {
  return { origin, cells: [title, String(numLayers), estimateCell({ value, interval }), estimateCell(f1)] };
}

function fewLabelsRows({ backbone, points }: FewLabelsCurve, record: FewLabelsEvaluation): readonly ReportRow[] {
  const origin = isFloorName(backbone) ? "floor" : "ours";
  return points.map(({ numLabels, error, f1 }) => ({
    origin,
    cells: [curveTitle(backbone, record), String(numLabels), estimateCell(error), estimateCell(f1)],
  }));
}

function estimateCell(estimate: Estimate | null): string {
  if (estimate === null || estimate.value === null) return "–";
  const { value, interval } = estimate;
  return interval === null
    ? fractionText(value)
    : `${fractionText(value)} [${fractionText(interval[0])}, ${fractionText(interval[1])}]`;
}

function setNotes(records: readonly (FinetuneEvaluation | FewLabelsEvaluation)[]): string[] {
  const sets = records.map((record) => `${setTitle(record)} (${record.numTest} test crops)`);
  return sets.length === 0 ? [] : [`Ours on ${[...new Set(sets)].join(", ")}.`];
}

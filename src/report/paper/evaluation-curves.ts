// A fine-tuning and a reduction of labels in full: each number of layers or labels, beside what it is compared with.
import type { Estimate } from "#learn/tasks";
import { estimateText, numberText, pText } from "../number-text.ts";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import type { FewLabelsEvaluation, FinetuneEvaluation } from "./curve-tables.ts";
import type { ReportRow, ReportTable } from "./report-table.ts";
import { type Interval, scoreText } from "./scores.ts";
import { scoresOf } from "./seed-families.ts";

type Body = Pick<ReportTable, "columns" | "rows">;

const NOT_COMPARED = ["", ""] as const;

/** Rows: each number of trained groups, from scratch, and frozen probes; differences from scratch and from the frozen probe. */
export function finetuneEvaluationTable(record: FinetuneEvaluation): Body {
  const { points, scratch, backbone, comparisons, positiveClass } = record;
  const own = backboneTitle(backbone);
  const less = (numLayers: number, against: string) => {
    const found = comparisons.find((one) => one.numLayers === numLayers && one.against === against);
    return differenceCells(found && { ...found, p: singleSeedP(found) });
  };
  const f1 = (estimate: Estimate | null) => f1Cells(estimate, positiveClass);
  const tuned = points.map((point) => [
    ...[own, String(point.numLayers), wholeText(point)],
    ...less(point.numLayers, scratch?.backbone ?? ""),
    ...less(point.numLayers, `${backbone}, frozen`),
    ...f1(point.f1),
  ]);
  const fromScratch =
    scratch === null
      ? []
      : [
          [
            ...[`${own}, from scratch`, String(scratch.numLayers), wholeText(scratch)],
            ...[...NOT_COMPARED, ...NOT_COMPARED, ...f1(scratch.f1)],
          ],
        ];
  const frozen = scoresOf(record.floors, record, "further").map((score) => [
    ...[`${score.title}, frozen`, "–", scoreText(score)],
    ...[...NOT_COMPARED, ...NOT_COMPARED, ...f1(null)],
  ]);
  return {
    columns: columnsOf(["groups trained", "error", "less from scratch", "p", "less frozen", "p"], positiveClass),
    rows: [
      ...tuned.map((cells): ReportRow => ({ origin: isFloorName(backbone) ? "floor" : "ours", cells })),
      ...[...fromScratch, ...frozen].map((cells): ReportRow => ({ origin: "floor", cells })),
    ],
  };
}

/** Rows: each backbone with each number of labels. */
export function fewLabelsEvaluationTable(record: FewLabelsEvaluation): Body {
  const { positiveClass, comparisons } = record;
  const rows = [record, ...record.floors].flatMap(({ backbone, points }) => {
    const compared = comparisons.find(({ against }) => against === backbone)?.points ?? [];
    return points.map(
      ({ numLabels, error, f1 }): ReportRow => ({
        origin: isFloorName(backbone) ? "floor" : "ours",
        cells: [
          ...[backboneTitle(backbone), String(numLabels), wholeText(error)],
          ...differenceCells(compared.find((one) => one.numLabels === numLabels)),
          ...f1Cells(f1, positiveClass),
        ],
      }),
    );
  });
  return { columns: columnsOf(["labels", "error", "backbone less this", "p"], positiveClass), rows };
}

function columnsOf(names: readonly string[], positiveClass: string | null): ReportTable["columns"] {
  const numbers = [...names, ...(positiveClass === null ? [] : [`F1 of ${positiveClass}`])];
  return [{ name: "backbone", kind: "text" }, ...numbers.map((name) => ({ name, kind: "number" as const }))];
}

/** No column where no class is the positive one. */
function f1Cells(f1: Estimate | null, positiveClass: string | null): readonly string[] {
  return positiveClass === null ? [] : [f1 === null ? "–" : wholeText(f1)];
}

function differenceCells(
  found: { readonly difference: number; readonly interval: Interval; readonly p: number } | undefined,
): readonly string[] {
  return found === undefined ? NOT_COMPARED : [estimateText(found.difference, found.interval), pText(found.p)];
}

/** McNemar's p where one seed was trained, as under every classification; else the paired bootstrap's. */
function singleSeedP({ p, mcnemarPerSeed = [] }: FinetuneEvaluation["comparisons"][number]): number {
  const [only, ...others] = mcnemarPerSeed;
  return only === undefined || others.length > 0 ? p : only.p;
}

function wholeText({ value, interval }: Pick<Estimate, "value" | "interval">): string {
  if (value === null) return "–";
  return interval === null ? numberText(value) : estimateText(value, interval);
}

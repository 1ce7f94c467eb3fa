// A record of fewer labels as text for a person: one row for each size of subset, one column for each backbone.
import type { FewLabelsRecord } from "#learn/tasks";
import { alignedRows, short, withInterval } from "../text-table.ts";

/** Lines of text. */
export function fewLabelsLines(record: FewLabelsRecord): string[] {
  const { cropSetName, classes, numTrain, numTest, numDraws, intervalUnit, floors, comparisons } = record;
  const curves = [record, ...floors];
  const f1 = record.positiveClass === null ? [] : [`F1 ${record.positiveClass}`];
  const rows = record.points.map((point, index) => [
    String(point.numLabels),
    withInterval(point.error),
    short(point.drawDeviation),
    ...(point.f1 === null ? [] : [short(point.f1.value)]),
    ...floors.flatMap((floor, which) => [
      withInterval(floor.points[index]!.error),
      withInterval({ ...comparisons[which]!.points[index]!, value: comparisons[which]!.points[index]!.difference }),
    ]),
  ]);
  const headings = [
    "labels",
    `${record.backbone} [95 %]`,
    "sd over draws",
    ...f1,
    ...floors.flatMap(({ backbone }) => [`${backbone} [95 %]`, "less this"]),
  ];
  return [
    `few-labels on ${cropSetName}: ${classes.join(", ")}; subsets of ${numTrain} training crops, ${numDraws} draws of each size; ${numTest} crops to test.`,
    `Errors of the exact probe; intervals by bootstrap over ${intervalUnit}s and draws; "less this" is the first backbone's error less that of the column before, paired.`,
    "",
    ...sideBySide(headings, rows, curves.length),
    ...(record.notes.length > 0 ? ["", ...record.notes] : []),
    ...record.exclusions.map(({ reason, count }) => `Left out: ${count} ${reason}.`),
  ];
}

/** One table of the backbone itself, then one of each floor: all side by side are wider than a terminal. */
function sideBySide(headings: readonly string[], rows: readonly (readonly string[])[], numCurves: number): string[] {
  const numOwn = headings.length - 2 * (numCurves - 1);
  const partOf = (cells: readonly string[], from: number, to: number) => [cells[0]!, ...cells.slice(from, to)];
  const tables = Array.from({ length: numCurves }, (_, index) => {
    const [from, to] = index === 0 ? [1, numOwn] : [numOwn + 2 * (index - 1), numOwn + 2 * index];
    return alignedRows([headings, ...rows].map((cells) => partOf(cells, from, to)));
  });
  return tables.flatMap((table, index) => (index === 0 ? table : ["", ...table]));
}

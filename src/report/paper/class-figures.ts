// Figures 10, 11 and 13: errors of FRI/FRII by backbone, confusion matrices of four classes, and the curves of appendix C.
import type { EvaluationRecord, FewLabelsCurve } from "#learn/tasks";
import { FAINT_INK, SERIES } from "../figures/colours.ts";
import { confusionMatrixSvg } from "../figures/confusion-matrix.ts";
import { type Line, linePlotSvg } from "../figures/line-plot.ts";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import { comparisonFigure } from "./count-figures.ts";
import {
  curveTitle,
  type FewLabelsEvaluation,
  type FinetuneEvaluation,
  fewLabelsRecords,
  finetuneRecords,
} from "./curve-tables.ts";
import type { ReportInputs } from "./inputs.ts";
import { measuresOf } from "./measures.ts";
import { PUBLISHED_FEW_LABELS, PUBLISHED_FINE_TUNING, type PublishedCurve } from "./published.ts";
import { type FigurePanel, fileStem, type ReportFigure } from "./report-figure.ts";
import { COLUMN_COMMANDS } from "./result-tables.ts";

/** Figure 10. */
export function frFigure({ records }: ReportInputs): ReportFigure {
  const errors = records.flatMap((record) => (record.task === "fr" ? measuresOf(record).slice(0, 1) : []));
  return comparisonFigure(errors, {
    id: "figure-10",
    title: "Figure 10. FRI/FRII by backbone.",
    caption: "Error on the test crops, lower is better.",
    missing: `${COLUMN_COMMANDS.mbError}; ${COLUMN_COMMANDS.mfrError}`,
  });
}

/** Figure 11. */
export function confusionFigure({ records }: ReportInputs): ReportFigure {
  const panels = records.flatMap(confusionPanels);
  return {
    id: "figure-11",
    title: "Figure 11. Confusion matrices of four classes.",
    caption:
      "Rows are true classes; shares of each row, with the number of test crops under them (a mean over seeds or repeats). The paper shows the best of three runs; these are all runs.",
    panels,
    ...(panels.length > 0 ? {} : { missing: COLUMN_COMMANDS.rgdAccuracy }),
  };
}

function confusionPanels(record: EvaluationRecord): readonly FigurePanel[] {
  const found = confusionOf(record);
  if (found === undefined) return [];
  const { title, classes, counts } = found;
  const svg = confusionMatrixSvg({ description: `Confusion matrix of ${title}`, title, classes, counts });
  return [{ name: fileStem(title), svg, width: "narrow" }];
}

/** Of more than two classes: two are told by their error. */
function confusionOf(record: EvaluationRecord) {
  if (record.task === "finetune" && record.classes.length > 2) {
    const last = record.points.at(-1);
    const title = `${backboneTitle(record.backbone)}, fine-tuned`;
    return last && { title, classes: record.classes, counts: last.estimates.confusion };
  }
  if (record.task === "four-class") {
    const counts = record.probes[record.headline]?.confusion;
    return counts && { title: `${backboneTitle(record.backbone)}, frozen`, classes: record.classes, counts };
  }
  return undefined;
}

/** The paper's figure shows these two of its four. */
const SHOWN_BACKBONES = ["MGCLS Resnet", "RGZ BYOL"];

/** Figure 13. */
export function curveFigure(inputs: ReportInputs): ReportFigure {
  const tuned = finetuneRecords(inputs);
  const reduced = fewLabelsRecords(inputs);
  const missing = [
    ...(tuned.length > 0 ? [] : ["a: suricate evaluate finetune MiraBest --backbone RUN --layers 0..all --out finetune.json"]),
    ...(reduced.length > 0 ? [] : ["b: suricate evaluate few-labels MiraBest --backbone RUN --out few-labels.json"]),
  ];
  return {
    id: "figure-13",
    title: "Figure 13. FRI/FRII error by fine-tuned layers (a) and by labels (b).",
    caption:
      "Bars: 95 % intervals over test crops and seeds or draws. Grey: the paper's MGCLS Resnet and RGZ BYOL, whose own spread is over the last ten epochs of one training.",
    panels: [
      curvePanel("a", "fine-tuned layer groups", [
        ...tuned.flatMap(finetuneLines),
        ...PUBLISHED_FINE_TUNING.flatMap(publishedLine),
      ]),
      curvePanel("b", "labels", [...reduced.flatMap(fewLabelsLines), ...PUBLISHED_FEW_LABELS.flatMap(publishedLine)]),
    ],
    ...(missing.length === 0 ? {} : { missing: missing.join("; ") }),
  };
}

function curvePanel(name: string, xName: string, lines: readonly Omit<Line, "colour">[]): FigurePanel {
  let numOurs = 0;
  const coloured = lines.map((line) => ({
    ...line,
    colour: line.dash === undefined || line.intervals !== undefined ? SERIES[numOurs++ % SERIES.length]! : FAINT_INK,
  }));
  const svg = linePlotSvg({
    description: `FRI/FRII error by ${xName}`,
    xName: `(${name}) ${xName}`,
    yName: "error",
    lines: coloured,
    levels: [],
    yIncludes: [0],
  });
  return { name, svg, width: "full" };
}

function finetuneLines(record: FinetuneEvaluation): Omit<Line, "colour">[] {
  const known = record.points.map(({ numLayers, value, interval }) => ({ x: numLayers, value, interval }));
  return [lineOf(curveTitle(record.backbone, record), known)];
}

function fewLabelsLines(record: FewLabelsEvaluation): Omit<Line, "colour">[] {
  return [record, ...record.floors].map(({ backbone, points }: FewLabelsCurve) => {
    const known = points.flatMap(({ numLabels, error }) =>
      error.value === null ? [] : [{ x: numLabels, value: error.value, interval: error.interval }],
    );
    return { ...lineOf(curveTitle(backbone, record), known), ...(isFloorName(backbone) ? { dash: "6 3" } : {}) };
  });
}

function lineOf(
  name: string,
  points: readonly { readonly x: number; readonly value: number; readonly interval: readonly [number, number] | null }[],
): Omit<Line, "colour"> {
  return {
    name,
    points: points.map(({ x, value }) => [x, value] as const),
    intervals: points.map(({ value, interval }) => interval ?? ([value, value] as const)),
  };
}

function publishedLine({ backbone, points }: PublishedCurve, place: number): Omit<Line, "colour">[] {
  if (!SHOWN_BACKBONES.includes(backbone)) return [];
  return [
    {
      name: `${backbone} (paper)`,
      dash: place % 2 === 0 ? "2 3" : "8 3",
      points: points.map(([x, error]) => [x, error] as const),
    },
  ];
}

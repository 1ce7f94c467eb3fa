// Figures 5 to 7: training curves, and what other commands drew of the trained backbones.
import { SERIES } from "../figures/colours.ts";
import { linePlotSvg } from "../figures/line-plot.ts";
import { numberText } from "../number-text.ts";
import type { ReportInputs, ReportRun } from "./inputs.ts";
import { type FigurePanel, fileStem, type ReportFigure } from "./report-figure.ts";

/** Figure 5: mean loss of each epoch, and the probe's error where it was run. */
export function trainingFigure({ runs }: ReportInputs): ReportFigure {
  const panels = runs.filter(({ losses }) => losses.length > 1).flatMap(runPanels);
  const last = runs.map(
    ({ name, losses, lnK }) => `${name} ends at ${numberText(losses.at(-1)?.[1] ?? Number.NaN)}, ln K = ${numberText(lnK)}`,
  );
  const ends = last.length === 0 ? "" : ` ${last.join("; ")}.`;
  const tooShort = runs.length > 0 && panels.length === 0 ? " A run has a curve from its second epoch on." : "";
  const collapses = runs.flatMap(({ name, collapses: found }) => found.map((one) => ` ${name}: ${one}`)).join("");
  return {
    id: "figure-5",
    title: "Figure 5. Training.",
    caption: `DINO's loss by epoch (mean over its steps), and the mean squared error of the source-count probe, with 95 % intervals, where it ran during training. At ln K a teacher is flat. The paper's ResNet stopped after 425 epochs, its ViT after 475.${ends}${tooShort}${collapses}`,
    panels,
    ...(panels.length > 0 ? {} : { missing: "suricate train CROPSET --out RUN" }),
  };
}

function runPanels({ name, losses, lnK, probes }: ReportRun): readonly FigurePanel[] {
  const loss = linePlotSvg({
    description: `Loss of ${name} by epoch`,
    xName: "epoch",
    yName: "loss (nats)",
    lines: [{ name: `loss of ${name}`, colour: SERIES[0], points: losses }],
    levels: [{ name: `ln K = ${numberText(lnK)}`, value: lnK }],
    yIncludes: [],
  });
  const lossPanel: FigurePanel = { name: `${fileStem(name)}-loss`, svg: loss, width: "full" };
  if (probes.length === 0) return [lossPanel];
  const probe = linePlotSvg({
    description: `Error of the probe of ${name} by epoch`,
    xName: "epoch",
    yName: "mean squared error",
    lines: [
      {
        name: `probe of ${name}`,
        colour: SERIES[1],
        points: probes.map(({ epoch, error }) => [epoch, error] as const),
        intervals: probes.map(({ interval }) => interval),
      },
    ],
    levels: [],
    yIncludes: [0],
    // The epochs of the loss above it.
    xIncludes: losses.map(([epoch]) => epoch),
  });
  return [lossPanel, { name: `${fileStem(name)}-probe`, svg: probe, width: "full" }];
}

/** Figure 6: as `project` drew it. */
export function projectionFigure(inputs: ReportInputs): ReportFigure {
  return givenFigure(inputs, {
    number: 6,
    title: "Figure 6. Embeddings in two dimensions.",
    caption:
      "Each point is a crop; crops that a backbone finds alike lie together. Coloured by survey, field, flag or source count.",
    command: "suricate project CROPSET --backbone RUN --method tsne --colour field sourceCount --out figure-6.svg",
  });
}

/** Figure 7: as `attention` drew it. */
export function attentionFigure(inputs: ReportInputs): ReportFigure {
  return givenFigure(inputs, {
    number: 7,
    title: "Figure 7. Attention.",
    caption:
      "A crop and the attention of the last block's class token over its patches, head by head; contours at the 90th percentile.",
    command: "suricate attention CROPSET --crop ID --backbone RUN --out figure-7.svg",
  });
}

function givenFigure(
  { figures }: ReportInputs,
  {
    number,
    title,
    caption,
    command,
  }: { readonly number: number; readonly title: string; readonly caption: string; readonly command: string },
): ReportFigure {
  const panels = (figures.get(number) ?? []).map(({ name, svg }) => ({ name: fileStem(name), svg, width: "natural" as const }));
  return { id: `figure-${number}`, title, caption, panels, ...(panels.length > 0 ? {} : { missing: command }) };
}

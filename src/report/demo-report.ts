// The demo's report: one page from its records. Every figure says what it shows, of how many, and how sure it is.

import type { TaskResult } from "#learn/tasks";
import type { DemoReport, TrainingPoint } from "./demo-record.ts";
import { attentionStripSvg } from "./figures/attention-strip.ts";
import { SERIES } from "./figures/colours.ts";
import { cropGallerySvg } from "./figures/crop-gallery.ts";
import { intervalPlotSvg } from "./figures/interval-plot.ts";
import { linePlotSvg } from "./figures/line-plot.ts";
import { scatterPlotSvg } from "./figures/scatter-plot.ts";
import { escapeMarkup } from "./figures/svg.ts";
import { countText, durationText, estimateText, fractionText, numberText } from "./number-text.ts";
import { figureHtml, htmlPage, paragraph, type Section } from "./page.ts";
import { predictionsByField, type ScoreRow, scoreRows } from "./score-rows.ts";
import { factList, htmlTable } from "./table.ts";

/** The demo's report as one HTML document that needs nothing else. Throws RangeError where there is no training step. */
export function formatDemoReport(report: DemoReport): string {
  if (report.training.length === 0) throw new RangeError("report: expected at least one training step, got none.");
  const seconds = report.timings.reduce((sum, timing) => sum + timing.seconds, 0);
  const { sky, crops } = report;
  const lead = `${sky.numFields} simulated fields, ${countText(sky.numCatalogued)} catalogued sources, ${crops.count} crops of ${crops.cropSize} × ${crops.cropSize} pixels; trained without labels, then asked how many sources a crop holds. ${durationText(seconds)} in all.`;
  return htmlPage("Suricate: the demo", lead, [
    skySection(report),
    trainingSection(report),
    countSection(report),
    attentionSection(report),
    factSection(report),
  ]);
}

function skySection({ sky, examples, crops }: DemoReport): Section {
  const note =
    "This sky is made up by the MeerKAT simulator: sources by published counts and sizes, imaged through the uv coverage of the 64 dishes. Its fields are far smaller than a dish's view, their source density is spread on purpose, and they have no bright sources: it says nothing of how well Suricate does on a telescope's images.";
  const side = numberText(crops.cropSize * sky.pixelScaleDeg * 3600);
  const caption = `${examples.length} of the ${crops.count} crops, from the emptiest to the fullest, contrast-stretched between the 2nd and 98th percentile of their fields; ${side}″ on a side, north up, east to the left. Circles: catalogued sources, with a peak of at least five times the local noise; doubles are in no catalogue.`;
  const svg = cropGallerySvg(`${examples.length} example crops with circles about their catalogued sources`, examples);
  return { heading: "The sky", body: [paragraph(note, "note"), figureHtml(svg, caption)].join("\n") };
}

function trainingSection({ training }: DemoReport): Section {
  const lnK = training.at(-1)!.lnK;
  const lines = {
    loss: lineOf(training, "loss"),
    entropy: lineOf(training, "teacherEntropy"),
    divergence: lineOf(training, "klDivergence"),
    spread: lineOf(training, "embeddingSpread"),
  };
  const loss = linePlotSvg({
    description: "Loss, teacher entropy and divergence over optimiser steps",
    xName: "optimiser step",
    yName: "nats",
    lines: [
      { name: "loss", colour: SERIES[0], points: lines.loss },
      { name: "teacher entropy", colour: SERIES[1], dash: "6 3", points: lines.entropy },
      { name: "KL(teacher, student)", colour: SERIES[2], dash: "2 3", points: lines.divergence },
    ],
    levels: [{ name: `ln K = ${numberText(lnK)}`, value: lnK }],
    yIncludes: [0],
  });
  const spread = linePlotSvg({
    description: "Spread of the teacher's embeddings over optimiser steps",
    xName: "optimiser step",
    yName: "embedding spread",
    lines: [{ name: "embedding spread", colour: SERIES[0], points: lines.spread }],
    levels: [],
    yIncludes: [0, 1],
  });
  return {
    heading: "Training without labels",
    body: [
      paragraph(trainingVerdict(training)),
      figureHtml(
        loss,
        `DINO's loss over ${training.length} optimiser steps (nats). It is the teacher's entropy plus the divergence of the student from it. At ln K the teacher would be flat, at 0 it would have chosen one prototype: both are collapses.`,
      ),
      figureHtml(
        spread,
        "Spread of the teacher's unit embeddings over a batch: 0 where all crops look the same to it, 1 where they point in all directions.",
      ),
    ].join("\n"),
  };
}

/** What the curves say in one sentence, whichever way it went. */
function trainingVerdict(training: readonly TrainingPoint[]): string {
  // A tenth of the steps: single steps scatter with their batch.
  const last = training.slice(-Math.max(1, Math.round(training.length / 10)));
  const meanOf = (name: keyof TrainingPoint) => last.reduce((sum, point) => sum + point[name], 0) / last.length;
  const loss = meanOf("loss");
  const lnK = training.at(-1)!.lnK;
  const fell = loss < lnK ? `${numberText(lnK - loss)} below` : `${numberText(loss - lnK)} above`;
  return `Over the last ${last.length} steps the loss is ${numberText(loss)}, ${fell} ln K = ${numberText(lnK)}; the teacher's entropy is ${numberText(meanOf("teacherEntropy"))} and the embedding spread ${numberText(meanOf("embeddingSpread"))}.`;
}

/** A number of every step as points; long runs are thinned by averaging neighbours, so that a page stays small. */
function lineOf(training: readonly TrainingPoint[], name: keyof TrainingPoint): readonly (readonly [number, number])[] {
  const stride = Math.ceil(training.length / 400);
  return Array.from({ length: Math.ceil(training.length / stride) }, (_, index) => {
    const part = training.slice(index * stride, (index + 1) * stride);
    const meanOf = (key: keyof TrainingPoint) => part.reduce((sum, point) => sum + point[key], 0) / part.length;
    return [meanOf("step"), meanOf(name)] as const;
  });
}

function countSection({ result, names }: DemoReport): Section {
  const scores = scoreRows(result, names);
  const predictions = predictionsByField(result);
  const { numTest, numTrain, intervalUnit } = result;
  const sample = `${numTest} test crops of ${predictions.length} fields`;
  const rows = htmlTable(
    `Mean squared error of the predicted count over ${sample}, with 95 % bootstrap intervals over ${intervalUnit}s. Excess: the row's error less the trained backbone's over the same crops; an interval above 0 means that the trained backbone is better.`,
    [
      { name: "features", kind: "text", cell: (row) => row.name },
      { name: "mean squared error", kind: "number", cell: (row) => estimateText(row.meanSquaredError, row.interval) },
      { name: "R²", kind: "number", cell: (row) => fractionText(row.r2) },
      {
        name: "excess",
        kind: "number",
        cell: (row) => (row.excess === null ? "" : estimateText(row.excess.difference, row.excess.interval)),
      },
    ],
    scores,
    (row) => row.isMain,
  );
  const intervals = intervalPlotSvg({
    description: "Mean squared error of each kind of features with its interval",
    xName: "mean squared error of the source count (lower is better)",
    rows: scores.map(({ name, meanSquaredError, interval, isMain }) => ({
      name,
      value: meanSquaredError,
      interval,
      kind: isMain ? "main" : "floor",
    })),
  });
  const scatter = scatterPlotSvg({
    description: "Predicted against true source counts of the test crops",
    xName: "catalogued sources in the crop",
    yName: "predicted by the probe",
    groups: predictions,
  });
  return {
    heading: "How many sources does a crop hold?",
    body: [
      paragraph(protocolText(result, predictions.length)),
      paragraph(
        `By its error the trained backbone is ${scores.flatMap(({ name, excess }) => (excess === null ? [] : [excessText(name, excess)])).join("; ")}.`,
      ),
      `<div class="scroll">\n${rows}\n</div>`,
      figureHtml(
        intervals,
        `The table's errors and 95 % intervals. Filled circle: the trained backbone; squares: what it has to beat. n = ${numTest} crops, fitted on ${numTrain}.`,
      ),
      figureHtml(
        scatter,
        `Predicted against true counts of ${sample}, by the trained backbone's probe. Neither backbone nor probe had seen these fields.`,
        "narrow",
      ),
    ].join("\n"),
  };
}

/** How the numbers came about, in words. */
function protocolText({ numTrain, sgd, notes, seeds }: TaskResult, numFields: number): string {
  const seedText = `${seeds.probe.length} seeds`;
  const sgdError = numberText(sgd.meanSquaredError.value ?? Number.NaN);
  const notesText = notes.length === 0 ? "" : ` ${notes.join(" ")}`;
  return `A linear probe on frozen features, fitted on ${numTrain} crops and asked for the counts of ${numFields} whole fields that neither training nor probe has seen. Principal components, scaling and the ridge penalty are fitted on training crops alone. Trained by stochastic gradient descent as in the paper (mean of ${seedText}), the same probe on the trained backbone reaches ${sgdError}.${notesText}`;
}

/** Better, worse or not told apart: as the interval says, in words. */
function excessText(name: string, { interval: [low, high] }: NonNullable<ScoreRow["excess"]>): string {
  const verdict = low > 0 ? "better than" : high < 0 ? "worse than" : "not told apart from";
  return `${verdict} ${name} (excess error ${numberText(low)} to ${numberText(high)})`;
}

function attentionSection({ attention }: DemoReport): Section {
  const { cropId, crop, heads } = attention;
  const svg = attentionStripSvg(`A crop and the attention of ${heads.length} heads over it`, crop, heads);
  const caption = `Crop ${cropId} and the attention of the last block's class token over its patches, one map for each of ${heads.length} heads (${heads[0]?.height ?? 0} × ${heads[0]?.width ?? 0} patches), each from its least (black) to its greatest value (yellow).`;
  return { heading: "What the heads look at", body: figureHtml(svg, caption) };
}

function factSection({ facts, timings, configYaml }: DemoReport): Section {
  const stages = htmlTable(
    "Wall-clock time of each stage.",
    [
      { name: "stage", kind: "text", cell: (row) => row.stage },
      { name: "time", kind: "number", cell: (row) => durationText(row.seconds) },
    ],
    timings,
    () => false,
  );
  const config = `<details>\n<summary>Training configuration</summary>\n<pre>${escapeMarkup(configYaml)}</pre>\n</details>`;
  return { heading: "How to get the same again", body: [factList(facts), stages, config].join("\n") };
}

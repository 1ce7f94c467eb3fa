// Door of report: records to one page of tables and figures. Pure: nothing here touches a disk.
export type { DemoReport, StageTiming, TrainingPoint } from "./demo-record.ts";
export { formatDemoReport } from "./demo-report.ts";
export { attentionStripSvg } from "./figures/attention-strip.ts";
export { cropGallerySvg, type GalleryCrop } from "./figures/crop-gallery.ts";
export { type Histogram, histogramGridSvg } from "./figures/histogram-grid.ts";
export { type IntervalRow, intervalPlotSvg } from "./figures/interval-plot.ts";
export { type Line, type LinePlot, linePlotSvg, type ReferenceLevel } from "./figures/line-plot.ts";
export { linearScale, type Scale, type Span, type Tick } from "./figures/scale.ts";
export { type PointGroup, type ScatterPlot, scatterPlotSvg } from "./figures/scatter-plot.ts";
export { countText, durationText, estimateText, fractionText, numberText } from "./number-text.ts";
export { figureHtml, htmlPage, paragraph, type Section } from "./page.ts";
export { predictionsByField, type ScoreRow, scoreRows } from "./score-rows.ts";
export { type Column, factList, htmlTable } from "./table.ts";

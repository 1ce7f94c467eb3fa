// A run as the report shows it: its settings, and its loss and probe by epoch.
import { checkConfig } from "#base/config";
import { isResnet, isVit, VIT_SIZES } from "#engine/nn";
import { type DinoConfig, dinoConfigSchema, NOTHING_WATCHED, withWatchedStep } from "#learn/dino";
import type { MetricRecord } from "#learn/runs";
import { readRun } from "#learn/runs/disk";
import { backboneTitle, type ReportRun } from "#report";

/** Reads a run. Throws ConfigError where its configuration is none of DINO's. */
export function runInput(folder: string): { readonly shown: ReportRun; readonly cropSets: readonly string[] } {
  const { info, metrics, seenRows } = readRun(folder);
  const config = checkConfig(dinoConfigSchema, info.config, `${folder}/config.yaml`);
  const shown = {
    name: backboneTitle(folder),
    architecture: architectureOf(config),
    patchSize: isVit(config.backbone) ? config.backbone.patchSize : null,
    batchSize: config.batchSize,
    numAccumulatedBatches: config.numAccumulatedBatches,
    learningRatePer256: config.learningRatePer256,
    teacherMomentum: config.teacherMomentum,
    weightDecay: [config.weightDecay, config.finalWeightDecay] as const,
    optimiser: config.optimiser,
    seed: config.seed,
    numEpochs: config.numEpochs,
    cropSetName: seenRows.map(({ cropSetName }) => cropSetName).join(", "),
    numImages: seenRows.reduce((sum, { ids }) => sum + ids.length, 0),
    losses: epochLosses(metrics),
    lnK: Math.log(config.head.numPrototypes),
    collapses: collapsesOf(metrics, config),
    probes: metrics.flatMap(({ epoch = 0, probeError, probeErrorLow, probeErrorHigh }) =>
      probeError === undefined || probeErrorLow === undefined || probeErrorHigh === undefined
        ? []
        : [{ epoch: epoch + 1, error: probeError, interval: [probeErrorLow, probeErrorHigh] as const }],
    ),
  };
  return { shown, cropSets: seenRows.map(({ cropSetSha256 }) => cropSetSha256) };
}

/** "resnet50", "vit-s", or a transformer's width and depth where they have no name. */
function architectureOf({ backbone }: DinoConfig): string {
  if (isResnet(backbone)) return `resnet${backbone.depth}`;
  const { embedDim, depth, numHeads } = backbone;
  const named = Object.entries(VIT_SIZES).find(
    ([, size]) => size.embedDim === embedDim && size.depth === depth && size.numHeads === numHeads,
  );
  return named?.[0] ?? `ViT, ${embedDim} × ${depth}`;
}

/** What the monitor says of a run's metrics: its findings without the advice, which is for another run. */
function collapsesOf(metrics: readonly MetricRecord[], config: DinoConfig): readonly string[] {
  const stepsPerEpoch = metrics.filter(({ epoch }) => epoch === metrics[0]?.["epoch"]).length;
  let watch = NOTHING_WATCHED;
  return metrics.flatMap(({ step, lnK = Number.NaN, teacherEntropy = Number.NaN, embeddingSpread = Number.NaN }) => {
    const after = withWatchedStep(watch, { step, lnK, teacherEntropy, embeddingSpread }, { config, stepsPerEpoch });
    watch = after.watch;
    return after.advice === undefined ? [] : [after.advice.replace(/(\. Begin another run|\. Settings that usually).*$/, ".")];
  });
}

/** Mean loss of each whole epoch, counted from 1: also of runs whose metrics do not say where one ends. */
function epochLosses(metrics: readonly MetricRecord[]): readonly (readonly [number, number])[] {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const { epoch = 0, loss = Number.NaN } of metrics) {
    const { sum, count } = sums.get(epoch) ?? { sum: 0, count: 0 };
    sums.set(epoch, { sum: sum + loss, count: count + 1 });
  }
  const most = Math.max(0, ...[...sums.values()].map(({ count }) => count));
  return [...sums].filter(([, { count }]) => count === most).map(([epoch, { sum, count }]) => [epoch + 1, sum / count]);
}

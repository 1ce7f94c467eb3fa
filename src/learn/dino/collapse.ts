// The collapse monitor: tells from the metrics that a training has stopped to tell crops apart, and which settings help.
import type { DinoConfig } from "./config.ts";

/** `flat`: the teacher says nothing. `one direction`: all embeddings are alike. `one prototype`: the teacher says the same of all. */
export type CollapseKind = "flat" | "one direction" | "one prototype";

/** The metrics that a collapse shows in. */
export interface CollapseSigns {
  readonly step: number;
  readonly lnK: number;
  readonly teacherEntropy: number;
  readonly embeddingSpread: number;
}

/** What the monitor has seen so far. */
export interface CollapseWatch {
  /** The newest steps, oldest first. */
  readonly recent: readonly CollapseSigns[];
  /** Each collapse is told once. */
  readonly told: readonly CollapseKind[];
}

export const NOTHING_WATCHED: CollapseWatch = { recent: [], told: [] };

/** Steps over which signs are averaged: single steps scatter with their batch. */
const WINDOW = 40;

/** Steps that a training gets before it is judged, should its warm-up be longer. */
const MOST_STEPS_BEFORE = 400;

/** Of ln K. The collapsed trainings of docs/results.md stood at 0.993 and 0.998, those that learnt ended at 0.92 and below. */
const FLAT_ENTROPY = 0.99;

/** Of ln K: a fall by this much from one half of the window to the next is a teacher on its way out. */
const LEAVING = 0.002;

/** A collapsed training stood at 0.03 and falling, those that learnt at 0.44 and above. */
const SAME_SPREAD = 0.05;

/** Of ln K: below it a teacher has chosen one prototype a crop, which is no collapse while embeddings differ. */
const CHOSEN_ENTROPY = 0.05;

/** One more step. `advice` is there where a collapse shows that was not told before. */
export function withWatchedStep(
  watch: CollapseWatch,
  signs: CollapseSigns,
  { config, stepsPerEpoch }: { readonly config: DinoConfig; readonly stepsPerEpoch: number },
): { readonly watch: CollapseWatch; readonly advice?: string } {
  const { step, lnK, teacherEntropy, embeddingSpread } = signs;
  const recent = [...watch.recent.slice(1 - WINDOW), { step, lnK, teacherEntropy, embeddingSpread }];
  const firstJudged = firstJudgedStep(config, stepsPerEpoch);
  const kind = recent.length < WINDOW || step < firstJudged ? undefined : collapseKind(recent);
  if (kind === undefined || watch.told.includes(kind)) return { watch: { ...watch, recent } };
  return { watch: { recent, told: [...watch.told, kind] }, advice: adviceText(kind, recent, config) };
}

/** A whole window after the prototypes are freed and the learning rate has risen. */
function firstJudgedStep({ numWarmupEpochs, numFrozenPrototypeEpochs }: DinoConfig, stepsPerEpoch: number): number {
  const before = Math.max(numWarmupEpochs, numFrozenPrototypeEpochs) * stepsPerEpoch;
  return Math.min(before, MOST_STEPS_BEFORE) + WINDOW;
}

/** The collapse that a window of steps shows, if any. */
export function collapseKind(recent: readonly CollapseSigns[]): CollapseKind | undefined {
  const half = Math.floor(recent.length / 2);
  const entropies = recent.map(({ teacherEntropy, lnK }) => teacherEntropy / lnK);
  const spreads = recent.map(({ embeddingSpread }) => embeddingSpread);
  const rise = (values: readonly number[]) => meanOf(values.slice(half)) - meanOf(values.slice(0, half));
  const isSame = meanOf(spreads) < SAME_SPREAD && rise(spreads) <= 0.1 * meanOf(spreads);
  if (meanOf(entropies) > FLAT_ENTROPY && rise(entropies) > -LEAVING) return "flat";
  if (meanOf(entropies) < CHOSEN_ENTROPY && isSame) return "one prototype";
  return isSame ? "one direction" : undefined;
}

function adviceText(kind: CollapseKind, recent: readonly CollapseSigns[], config: DinoConfig): string {
  const last = recent.at(-1)!; // a window has steps
  const entropy = meanOf(recent.map(({ teacherEntropy }) => teacherEntropy)).toFixed(2);
  const spread = meanOf(recent.map(({ embeddingSpread }) => embeddingSpread)).toFixed(3);
  const found: Readonly<Record<CollapseKind, string>> = {
    flat: `the teacher is flat: its entropy is ${entropy} of ln K = ${last.lnK.toFixed(2)} and does not fall, so it says the same of every crop`,
    "one direction": `all embeddings point the same way: their spread is ${spread} (1 would be every direction alike) and does not rise`,
    "one prototype": `the teacher has chosen one prototype for all crops: its entropy is ${entropy} of ln K = ${last.lnK.toFixed(2)}, the embedding spread ${spread}`,
  };
  const remedies = REMEDIES[kind].flatMap((remedy) => remedy(config) ?? []);
  const advice = remedies.length > 0 ? `Begin another run with ${remedies.join("; ")}` : LAST_RESORT;
  return `Collapsed, by the last ${recent.length} steps up to step ${last.step}: ${found[kind]}. ${advice}.`;
}

const LAST_RESORT = "Settings that usually help are in use already: begin another run with another seed or more crops a step";

/** What to change, with the reason; undefined where the setting is there already. */
type Remedy = (config: DinoConfig) => string | undefined;

const standardise: Remedy = ({ backbone: { inputMean = 0, inputStd = 1 } }) =>
  inputMean === 0 && inputStd === 1
    ? "--standardise (radio crops are dark, and an untrained network tells them hardly apart)"
    : undefined;

const quickCenter: Remedy = ({ centerMomentum }) =>
  centerMomentum > 0.5
    ? `--set centerMomentum=0.5 (now ${centerMomentum}: what all crops have in common is taken off sooner)`
    : undefined;

const sharpTeacher: Remedy = ({ teacherTemperature }) =>
  teacherTemperature > 0.02
    ? `--set teacherTemperature=0.02 --set warmupTeacherTemperature=0.02 (now ${teacherTemperature}: small differences count for more)`
    : undefined;

const softTeacher: Remedy = ({ teacherTemperature }) =>
  teacherTemperature < 0.07
    ? `--set teacherTemperature=0.07 --set numTeacherTemperatureWarmupEpochs=30 (now ${teacherTemperature}: a softer teacher does not settle on one prototype)`
    : undefined;

const mildViews: Remedy = ({ views }) =>
  views.numLocalViews > 0 && views.localViewArea[0] < 0.2
    ? `--set 'views.localViewArea=[0.2, 0.5]' (now [${views.localViewArea.join(", ")}]: small views of a sparse sky hold no source)`
    : undefined;

const lowRate: Remedy = ({ learningRatePer256 }) =>
  `--set learningRatePer256=${Number((learningRatePer256 / 3).toPrecision(1))} (now ${learningRatePer256})`;

const REMEDIES: Readonly<Record<CollapseKind, readonly Remedy[]>> = {
  flat: [standardise, quickCenter, sharpTeacher, mildViews],
  "one direction": [standardise, quickCenter, mildViews, lowRate],
  "one prototype": [quickCenter, softTeacher, lowRate],
};

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

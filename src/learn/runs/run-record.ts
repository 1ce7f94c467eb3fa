// What is known of a run: how it was made, from what, and how it went.
import { checkConfig, z } from "#base/config";
import { formatYaml, parseYaml } from "#base/yaml";
import type { MetricRecord } from "./metric-records.ts";

const cropSetFactsSchema = z.strictObject({
  name: z.string(),
  /** All of the set, those of the test split too. */
  crops: z.int(),
  fields: z.int(),
  cropSize: z.int(),
  fluxUnit: z.string(),
  tiling: z.string(),
  lowPercentile: z.number(),
  highPercentile: z.number(),
});

const runInfoSchema = z.strictObject({
  format: z.literal("suricate-run-1"),
  createdAt: z.string(),
  versions: z.record(z.string(), z.string()),
  seed: z.int(),
  inputs: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
  /** What the crop set is; absent in the first runs. */
  cropSet: cropSetFactsSchema.optional(),
  keep: z.strictObject({ last: z.int().positive(), every: z.int().positive().nullable() }),
  config: z.record(z.string(), z.unknown()),
  changes: z
    .array(z.strictObject({ step: z.int().nonnegative(), changedAt: z.string(), settings: z.array(z.string()) }))
    .optional(),
});

/**
 * The head of a run: `config.yaml`. `config` is the trainer's own resolved configuration, `inputs` what was read. `changes`
 * lists the settings ("learningRatePer256=0.001") that were changed when the run went on after `step` steps.
 */
export type RunInfo = Readonly<Omit<z.infer<typeof runInfoSchema>, "format">>;

/** Checkpoints that stay: the newest `last` ones, and those of epochs that `every` divides (null: none). */
export type KeepingPolicy = RunInfo["keep"];

/** The schema of `seen-rows.json`. */
export const seenRowsSchema = z.array(
  z.strictObject({ cropSetName: z.string(), cropSetSha256: z.string(), ids: z.array(z.string()).readonly() }).readonly(),
);

/** Rows that pre-training has seen: `seen-rows.json`. They are no test rows for its backbone. */
export type SeenRows = z.infer<typeof seenRowsSchema>[number];

/** A run as it lies on the disk, for inspection and reports. */
export interface RunRecord {
  readonly path: string;
  readonly info: RunInfo;
  readonly seenRows: readonly SeenRows[];
  readonly metrics: readonly MetricRecord[];
  /** Names of the checkpoints, oldest first: "epoch-012". */
  readonly checkpoints: readonly string[];
}

/** Text of `config.yaml`. */
export function formatRunInfo(info: RunInfo): string {
  return `# A Suricate run. Settings stand under "config"; the rest says how and from what it was made.\n${formatYaml({ format: "suricate-run-1", ...info })}`;
}

/** Reads `config.yaml`. Throws ConfigError, naming `where`. */
export function parseRunInfo(text: string, where: string): RunInfo {
  const { format: _, ...info } = checkConfig(runInfoSchema, parseYaml(text, where), where);
  return info;
}

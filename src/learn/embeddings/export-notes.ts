// What an exported backbone says of itself in its file's metadata: enough to use it rightly without this program, and with it.
import { ConfigError, checkConfig, type z } from "#base/config";
import type { FrozenConfig } from "#engine/nn";
import { type InputRecipe, inputRecipeSchema, type RunInfo, type SeenRows, seenRowsSchema } from "#learn/runs";

/** A backbone that is to leave: its network, what it is shown, and where it comes from. */
export interface ExportFacts {
  /** As `--backbone` named it. */
  readonly name: string;
  readonly config: FrozenConfig;
  /** Side of the pictures it is shown, in pixels. */
  readonly inputSize: number;
  /** How a crop is cut, resized and standardised for it, where that is not as the network's own shape says. */
  readonly recipe: InputRecipe;
  /** Of whoever exports. */
  readonly versions: Readonly<Record<string, string>>;
  /** Where it was trained; undefined for networks of others and untrained ones. */
  readonly run?: TrainedRun | undefined;
  /** Whether its weights are as they were drawn. */
  readonly isUntrained: boolean;
}

export interface TrainedRun {
  readonly info: RunInfo;
  readonly epoch: number;
  readonly step: number;
  readonly seenRows: readonly SeenRows[];
}

export type ExportFormat = "onnx" | "safetensors";

const FORMAT = "suricate-backbone-1";

export const PAPER =
  "Lastufka et al., Self-Supervised Learning on MeerKAT Wide-Field Continuum Images, A&A 690, A310 (2024), arXiv:2408.06147";
export const METHOD = "DINO (Caron et al., ICCV 2021, arXiv:2104.14294): the teacher's backbone";

/** One line an entry: text that a person reads, or JSON. `backbone` is the network's shape, as this program reads it back. */
export function exportNotes(facts: ExportFacts, format: ExportFormat): Record<string, string> {
  const { config, inputSize, recipe, versions, run } = facts;
  const kept = format === "onnx" ? withoutPixels(recipe) : recipe;
  return {
    format: FORMAT,
    producer: `suricate ${versions["suricate"] ?? ""}`.trim(),
    backbone: JSON.stringify(config),
    input: JSON.stringify({ ...kept, ...(recipe.centreCrop === undefined ? { resize: inputSize } : {}) }),
    pixels: pixelRule(facts),
    ...(run ? runNotes(run) : {}),
  };
}

/** Cutting and resizing alone: mean, spread and channels are inside an ONNX model. */
function withoutPixels({ crop, resize, centreCrop }: InputRecipe): InputRecipe {
  return {
    ...(crop === undefined ? {} : { crop }),
    ...(resize === undefined ? {} : { resize }),
    ...(centreCrop === undefined ? {} : { centreCrop }),
  };
}

function runNotes({ info, epoch, step, seenRows }: TrainedRun): Record<string, string> {
  return {
    paper: PAPER,
    method: METHOD,
    trained: JSON.stringify({ epoch, step, seed: info.seed, versions: info.versions, createdAt: info.createdAt }),
    trainedOn: JSON.stringify(
      seenRows.map(({ cropSetName, cropSetSha256, ids }) => ({ cropSetName, cropSetSha256, crops: ids.length })),
    ),
    ...(info.cropSet ? { cropSet: JSON.stringify(info.cropSet) } : {}),
    settings: JSON.stringify(info.config),
    seenRows: JSON.stringify(seenRows),
  };
}

/** How a crop's pixels become the network's, in one sentence. */
export function pixelRule({ inputSize, recipe, run }: ExportFacts): string {
  const percentiles = run?.info.cropSet;
  const limits = percentiles
    ? `the ${percentiles.lowPercentile} and ${percentiles.highPercentile} % percentiles of its whole field`
    : "its whole field's low and high limit (by default the 2 and 98 % percentiles)";
  const cut = recipe.crop === undefined ? "" : `the middle ${recipe.crop} x ${recipe.crop} pixels of the crop; `;
  const resized = recipe.centreCrop === undefined ? inputSize : (recipe.resize ?? inputSize);
  const middle = recipe.centreCrop === undefined ? "" : `, then the middle ${inputSize} x ${inputSize} pixels`;
  return `${cut}flux mapped linearly from ${limits} to [0, 1] and clipped; resized to ${resized} x ${resized} pixels (bicubic)${middle}`;
}

/** Notes of a file, by their names. */
export type Notes = ReadonlyMap<string, string>;

/** Rows that the backbone of a file has seen, as its notes say; none for files of others. Throws ConfigError where they are damaged. */
export function notedSeenRows(notes: Notes, where: string): readonly SeenRows[] {
  return notedJson(notes, "seenRows", seenRowsSchema, where) ?? [];
}

/** The input that an exported backbone is made for; undefined for files of others. Throws ConfigError where it is damaged. */
export function notedRecipe(notes: Notes, where: string): InputRecipe | undefined {
  return notedJson(notes, "input", inputRecipeSchema, where);
}

function notedJson<Schema extends z.ZodType>(
  notes: Notes,
  key: string,
  schema: Schema,
  where: string,
): z.output<Schema> | undefined {
  const text = notes.get("format") === FORMAT ? notes.get(key) : undefined;
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(`${where}: metadata: "${key}" is not JSON.`, { cause });
  }
  return checkConfig(schema, value, `${where}: metadata: ${key}`);
}

// The settings of a training, from what the command line says.
import { ConfigError, checkConfig, nameHint } from "#base/config";
import { readText } from "#base/files/disk";
import { applySettings, parseYaml } from "#base/yaml";
import { DINO_PRESETS, type DinoConfig, dinoConfigSchema, inputStatistics } from "#learn/dino";
import type { CropSet } from "#sky/survey";
import { asUsage, UsageError } from "../usage-error.ts";

export interface SettingFlags {
  /** A name in DINO_PRESETS. */
  readonly preset?: string;
  /** Path of a YAML file. */
  readonly config?: string;
  /** "name=value", each laid over the one before. */
  readonly set: readonly string[];
}

/** Preset, then file, then single settings: each laid over the one before. Throws UsageError, ConfigError of the file, and FileError. */
export function resolvedConfig({ preset, config: file, set }: SettingFlags): DinoConfig {
  const ofPreset = preset === undefined ? {} : presetSettings(preset);
  const ofFile = file === undefined ? {} : fileSettings(file);
  // Defaults first: --set knows the names of all settings, not only of those that a preset or a file gives.
  const filled = checkConfig(dinoConfigSchema, layered(ofPreset, ofFile), file ?? (preset ? `preset ${preset}` : "train"));
  return withSettings(filled, set);
}

/** A whole configuration with `--set` laid over it. Throws UsageError. */
export function withSettings(config: DinoConfig, set: readonly string[]): DinoConfig {
  return asUsage(() => checkConfig(dinoConfigSchema, applySettings(config, set), "--set"));
}

/** The settings with a backbone that standardises what it is shown, as measured on the training crops alone. */
export function standardised(config: DinoConfig, cropSet: CropSet, rows: readonly number[]): DinoConfig {
  return { ...config, backbone: { ...config.backbone, ...inputStatistics(cropSet, rows) } };
}

function presetSettings(name: string): object {
  const names = Object.keys(DINO_PRESETS);
  if (names.includes(name)) return DINO_PRESETS[name]!;
  throw new UsageError(`--preset ${name}: expected one of ${names.join(", ")}.${nameHint(name, names)}`);
}

/** Throws FileError, and ConfigError where the text is no group of settings. */
function fileSettings(file: string): object {
  const settings = parseYaml(readText(file), file) ?? {};
  if (isPlainObject(settings)) return settings;
  throw new ConfigError(`${file}: expected a group of settings, got ${JSON.stringify(settings).slice(0, 40)}.`);
}

function layered(under: object, over: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    const goesOn = isPlainObject(below) && isPlainObject(value) && !isOtherKind(below, value);
    result[key] = goesOn ? layered(below, value) : value;
  }
  return result;
}

/** A backbone of another kind has nothing of the one below it. */
function isOtherKind(below: { readonly kind?: unknown }, { kind }: { readonly kind?: unknown }): boolean {
  return kind !== undefined && kind !== (below.kind ?? DEFAULT_KIND);
}

/** A backbone that does not say its kind. */
const DEFAULT_KIND = "vit";

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

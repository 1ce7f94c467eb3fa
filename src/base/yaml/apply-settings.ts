// `--set training.epochs=20`: single settings changed from the command line.
import { ConfigError, nameHint } from "#base/config";
import { parseYaml } from "./parse-yaml.ts";

type Settings = Readonly<Record<string, unknown>>;

/**
 * A copy of a whole configuration (defaults filled in) with settings like "training.epochs=20" put into it; values are
 * YAML, so "null", "true", "[0.4, 1]" and "{kind: sgd}" mean what they mean in a file. The result is not yet checked: give
 * it to `checkConfig(schema, value, "--set")`. Throws ConfigError where a name is none of the configuration's.
 */
export function applySettings(config: Settings, settings: readonly string[]): Settings {
  return settings.reduce(applySetting, config);
}

function applySetting(config: Settings, setting: string): Settings {
  const equals = setting.indexOf("=");
  if (equals <= 0) {
    throw new ConfigError(
      `--set ${setting}: expected name=value, got "${setting}". Write --set ${setting.replace(/=.*/, "") || "name"}=value.`,
    );
  }
  const path = setting.slice(0, equals).trim();
  const value = parseYaml(setting.slice(equals + 1), `--set ${path}`) ?? null;
  return replaceAt(config, path.split("."), value, path);
}

function replaceAt(group: Settings, keys: readonly string[], value: unknown, path: string): Settings {
  const [key, ...rest] = keys as [string, ...string[]];
  if (!Object.hasOwn(group, key)) {
    throw new ConfigError(`--set ${path}: "${key}" is not a setting.${nameHint(key, Object.keys(group))}`);
  }
  if (rest.length === 0) return { ...group, [key]: value };
  const inner = group[key];
  if (inner === null || typeof inner !== "object" || Array.isArray(inner)) {
    throw new ConfigError(
      `--set ${path}: "${key}" has no settings of its own: expected --set ${key}=…, got "${rest.join(".")}" after it.`,
    );
  }
  return { ...group, [key]: replaceAt(inner as Settings, rest, value, path) };
}

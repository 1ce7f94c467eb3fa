// YAML text to plain values or a checked configuration, and back.
import { parseDocument, stringify } from "yaml";
import { ConfigError, checkConfig, type z } from "#base/config";

/**
 * Reads YAML text (empty text is an empty configuration) and checks it. `where` names the text in errors ("train.yaml").
 * Schemas should be strict objects: then an unknown key is a ConfigError with the nearest known name.
 */
export function parseConfig<Schema extends z.ZodType>(schema: Schema, yamlText: string, where: string): z.output<Schema> {
  return checkConfig(schema, parseYaml(yamlText, where) ?? {}, where);
}

/** Plain values from YAML 1.2 text. Throws ConfigError with the line where the text is not YAML, and for aliases that grow without bound. */
export function parseYaml(yamlText: string, where: string): unknown {
  const document = parseDocument(yamlText, { prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = yamlText.slice(0, error.pos[0]).split("\n").length;
    throw new ConfigError(`${where}: line ${line} is not YAML: ${error.message.replace(/\s+/g, " ")}.`, { cause: error });
  }
  try {
    return document.toJS();
  } catch (cause) {
    // Aliases of aliases grow without bound: the parser stops at a hundred of each.
    throw new ConfigError(`${where}: expected plain YAML, got aliases (*name) that stand for too many values. Write them out.`, {
      cause,
    });
  }
}

/** YAML text of plain values. `parseYaml` reads the same values back. */
export function formatYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}

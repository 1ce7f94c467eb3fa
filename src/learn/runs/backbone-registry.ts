// The registry of backbones: names for networks of others, with the input that each was made for (paper Table 3).
import { ConfigError, checkConfig, z } from "#base/config";
import { parseYaml } from "#base/yaml";
import { FLOORS } from "./backbone-spec.ts";
import { inputRecipeSchema } from "./input-recipe.ts";

const text = z.string().min(1);

const entrySchema = z.strictObject({
  /** What tables call it. */
  title: text,
  /** Architecture, method and data, in a few words. */
  about: text.optional(),
  /** File of weights or of an ONNX model. An entry has this or `floor`. */
  file: text.optional(),
  /** Where in the file: a subtree of a checkpoint, or the output of an ONNX model. */
  part: text.optional(),
  /** Where the file, or word of it, is to be had. */
  fetch: text.optional(),
  licence: text.optional(),
  /** What the tensors do not tell of the network's shape; goes before what they tell. */
  config: z.record(z.string(), z.unknown()).optional(),
  /** A floor, which has no file. */
  floor: z.enum(FLOORS).optional(),
  input: inputRecipeSchema.default({}),
});

const registrySchema = z.record(
  z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, "expected small letters, digits, dots and dashes"),
  entrySchema,
);

/** One named backbone. */
export type BackboneEntry = Readonly<z.infer<typeof entrySchema>>;

/** Entries by name. */
export type BackboneRegistry = ReadonlyMap<string, BackboneEntry>;

/** Reads a registry's YAML. Throws ConfigError, naming `where` and the entry. */
export function parseRegistry(yamlText: string, where: string): BackboneRegistry {
  const entries = Object.entries(checkConfig(registrySchema, parseYaml(yamlText, where) ?? {}, where));
  for (const [name, { file, floor }] of entries) {
    if ((file === undefined) === (floor === undefined))
      throw new ConfigError(
        `${where}: ${name}: expected either "file" or "floor", got ${file === undefined ? "neither" : "both"}.`,
      );
  }
  return new Map(entries);
}

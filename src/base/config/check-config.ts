// Plain values to a checked configuration; what the schema finds wrong becomes one line that names the setting.
import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { nameHint } from "./nearest-name.ts";

/** Checks plain values against a schema and fills in its defaults. Throws ConfigError that names the first wrong setting. */
export function checkConfig<Schema extends z.ZodType>(schema: Schema, value: unknown, where: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  // An unknown key is told first: a mistyped name is also the reason why its right name is missing.
  const issues = result.error.issues.toSorted(
    (a, b) => Number(b.code === "unrecognized_keys") - Number(a.code === "unrecognized_keys"),
  );
  const more = issues.length > 1 ? ` (${issues.length - 1} more wrong.)` : "";
  throw new ConfigError(`${where}: ${describeIssue(issues[0]!, schema, value)}${more}`);
}

/** The configuration's JSON Schema (draft 2020-12), as an editor or another program wants it. */
export function jsonSchemaOf(schema: z.ZodType): Record<string, unknown> {
  return z.toJSONSchema(schema, { io: "input" }) as Record<string, unknown>;
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue, schema: z.ZodType, value: unknown): string {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0]!;
    const hint = nameHint(key, namesAt(schema, path));
    return `"${[...path, key].join(".")}" is not a setting.${hint}`;
  }
  const got = valueAt(value, path);
  const setting = path.length === 0 ? "the configuration" : `"${path.join(".")}"`;
  if (got === undefined) return `${setting} is missing: expected ${expectation(issue)}.`;
  if (issue.code === "custom") return `${setting}: ${issue.message}, got ${JSON.stringify(got)}.`;
  const hint = issue.code === "invalid_value" && typeof got === "string" ? nearestValueHint(got, issue.values) : "";
  return `${setting}: expected ${expectation(issue)}, got ${describeValue(got)}.${hint}`;
}

/** What a value should have been, in words. */
function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPE_WORDS[issue.expected] ?? `a ${issue.expected}`;
    case "too_small":
      return sizeWords(issue.origin, issue.inclusive === false ? "more than" : "at least", issue.minimum);
    case "too_big":
      return sizeWords(issue.origin, issue.inclusive === false ? "less than" : "at most", issue.maximum);
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "not_multiple_of":
      return `a multiple of ${issue.divisor}`;
    case "invalid_union":
      return unionExpectation(issue);
    default:
      return issue.message;
  }
}

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  if ("options" in issue && Array.isArray(issue.options)) return issue.options.map((value) => JSON.stringify(value)).join(" or ");
  const branches = issue.errors.map((branch) => (branch[0] === undefined ? "" : expectation(branch[0])));
  return [...new Set(branches.filter((words) => words !== ""))].join(" or ");
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a group of settings",
  record: "a group of settings",
};

function sizeWords(origin: string, bound: string, limit: number | bigint): string {
  if (origin === "array" || origin === "tuple" || origin === "set") return `a list of ${bound} ${limit} entries`;
  if (origin === "string") return `${bound} ${limit} letters`;
  return `${bound} ${limit}`;
}

function nearestValueHint(got: string, values: readonly unknown[]): string {
  const names = values.filter((value) => typeof value === "string");
  const hint = nameHint(got, names);
  return hint.startsWith(" Did") ? hint : "";
}

function describeValue(value: unknown): string {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return "a group of settings";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  // JSON has no word for these; YAML does, and people write them.
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let here = value;
  for (const key of path) here = here !== null && typeof here === "object" ? (here as Record<string, unknown>)[key] : undefined;
  return here;
}

/** The names that a schema knows at a path: the keys of the object there, through defaults, unions and lists. */
function namesAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  let here = branchesOf(schema);
  for (const key of path) here = here.flatMap((branch) => childrenOf(branch, key)).flatMap(branchesOf);
  return [...new Set(here.flatMap((branch) => (branch instanceof z.ZodObject ? Object.keys(branch.shape) : [])))];
}

function childrenOf(schema: z.ZodType, key: string): z.ZodType[] {
  if (schema instanceof z.ZodObject) return key in schema.shape ? [schema.shape[key] as z.ZodType] : [];
  if (schema instanceof z.ZodArray) return [schema.element as z.ZodType];
  if (schema instanceof z.ZodRecord) return [schema.valueType as z.ZodType];
  return [];
}

/** A schema without what wraps it (default, nullable, ...): several where it is a union. */
function branchesOf(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return (schema.options as readonly z.ZodType[]).flatMap(branchesOf);
  // Every wrapper of zod keeps the schema it wraps under this one name; zod has no type for "any wrapper".
  const inner = (schema.def as { readonly innerType?: z.ZodType }).innerType;
  return inner === undefined ? [schema] : branchesOf(inner);
}

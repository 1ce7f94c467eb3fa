// What a grid goes over: lists of settings, and the cells that they make.
import { createHash } from "node:crypto";
import type { DinoConfig } from "#learn/dino";
import { withSettings } from "../train/settings.ts";
import { UsageError } from "../usage-error.ts";

/** One setting and the values it takes, as their texts. */
export interface Axis {
  readonly key: string;
  readonly values: readonly string[];
}

/** `combinations`: every value with every other. `one-at-a-time`: the settings as they are, then each value alone. */
export const GRID_WAYS = ["combinations", "one-at-a-time"] as const;
export type GridWay = (typeof GRID_WAYS)[number];

/** One training: the values laid over the settings, in the order of the axes; a key that it leaves alone is not in it. */
export interface Cell {
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Reads "key=a,b,c"; commas inside brackets, braces and quotes belong to a value. Throws UsageError where there is no list, and
 * where the settings know no such key or it cannot take a value.
 */
export function parseAxis(text: string, config: DinoConfig): Axis {
  const equals = text.indexOf("=");
  const [key, list] = [text.slice(0, Math.max(equals, 0)).trim(), text.slice(equals + 1)];
  const values = splitValues(list);
  if (key === "" || values.some((value) => value === "")) {
    throw new UsageError(
      `--over ${text}: expected key=value,value,..., got "${text}". Write for example --over learningRatePer256=0.01,0.03.`,
    );
  }
  const twice = values.find((value, place) => values.indexOf(value) !== place);
  if (twice !== undefined) throw new UsageError(`--over ${text}: expected different values, got ${twice} twice.`);
  for (const value of values) asOver(() => withSettings(config, [`${key}=${value}`]));
  return { key, values };
}

/** A mistake in a value is told of --over, which it was written behind. */
function asOver<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(/^ConfigError: --set/, "--over"), { cause: error });
  }
}

function splitValues(list: string): string[] {
  const values = [""];
  let depth = 0;
  let quote = "";
  for (const letter of list) {
    if (quote !== "") quote = letter === quote ? "" : quote;
    else if (letter === '"' || letter === "'") quote = letter;
    else if ("[{(".includes(letter)) depth++;
    else if ("]})".includes(letter)) depth--;
    if (letter === "," && depth === 0 && quote === "") values.push("");
    else values[values.length - 1] += letter;
  }
  return values.map((value) => value.trim());
}

/** The cells of a grid, the first axis slowest. Throws UsageError where an axis is named twice. */
export function gridCells(axes: readonly Axis[], way: GridWay): readonly Cell[] {
  const keys = axes.map(({ key }) => key);
  const twice = keys.find((key, place) => keys.indexOf(key) !== place);
  if (twice !== undefined) {
    throw new UsageError(`--over ${twice}: expected each setting once, got it twice. Put its values into one list.`);
  }
  if (way === "one-at-a-time") {
    const alone = axes.flatMap(({ key, values }) => values.map((value) => ({ values: new Map([[key, value]]) })));
    return [{ values: new Map() }, ...alone];
  }
  return axes.reduce<readonly Cell[]>(
    (cells, { key, values }) =>
      cells.flatMap((cell) => values.map((value) => ({ values: new Map([...cell.values, [key, value]]) }))),
    [{ values: new Map() }],
  );
}

/** A cell's settings as `--set` takes them. */
export function cellSettings({ values }: Cell): string[] {
  return [...values].map(([key, value]) => `${key}=${value}`);
}

/** File systems take 255 bytes; a name should still be read at a glance. */
const LONGEST_NAME = 120;

/** A cell's folder: its settings in letters that every file system takes, cut and told apart by a hash where they are many. */
export function cellName(cell: Cell): string {
  const settings = cellSettings(cell);
  if (settings.length === 0) return "as-is";
  const name = settings.map((setting) => setting.replace(/[^\w.=+-]+/g, "_")).join(",");
  if (name.length <= LONGEST_NAME) return name;
  return `${name.slice(0, LONGEST_NAME)},${createHash("sha256").update(settings.join("\n")).digest("hex").slice(0, 12)}`;
}

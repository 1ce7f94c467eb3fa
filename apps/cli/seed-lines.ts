// Backbones of several seeds of pre-training, as text for a person.
import type { SeedSpread } from "#learn/tasks";
import { alignedRows, short, withInterval } from "./text-table.ts";

/** An empty line and a table; nothing where no backbone has several seeds. `metric` heads the column of values. */
export function seedLines(spreads: readonly SeedSpread[] = [], metric: string): string[] {
  if (spreads.length === 0) return [];
  const rows = spreads.map(({ name, backbones, value, interval, deviation, difference }) => [
    name,
    String(backbones.length),
    withInterval({ value, interval }),
    short(deviation),
    difference === null ? "" : withInterval(difference),
    difference === null ? "" : short(difference.p),
  ]);
  const headings = ["over seeds of pre-training", "seeds", `${metric} [95 %]`, "deviation", "backbone less this [95 %]", "p"];
  return ["", ...alignedRows([headings, ...rows])];
}

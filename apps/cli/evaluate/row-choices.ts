// --pca and --dqf, one choice of each: which numbers of which crops a task looks at.
import { InvalidArgumentError } from "commander";
import type { PcaChoice } from "#learn/tasks";

/** Data quality flags that are kept; null: all. */
export type QualityChoice = readonly number[] | null;

/** Reads a number of principal components: "none", "auto" or a number. */
export function pcaChoice(text: string): PcaChoice {
  if (text === "auto") return "auto";
  if (text === "none") return null;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected none, auto or a number of components, got "${text}".`);
}

/** Reads data quality flags: "all", "0" or "0+1". */
export function qualityChoice(text: string): QualityChoice {
  if (text === "all") return null;
  if (/^\d+(\+\d+)*$/.test(text)) return text.split("+").map(Number);
  throw new InvalidArgumentError(`Expected all, or data quality flags as in 0 or 0+1, got "${text}".`);
}

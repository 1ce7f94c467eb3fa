// --pca and --dqf, one choice of each or several: which numbers of which crops a task looks at.
import { InvalidArgumentError, Option } from "commander";
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

/** `--pca`, once or several times. */
export function pcaOption(): Option {
  return new Option("--pca <n...>", PCA_HELP).argParser(pcaChoices).default(["auto"], "auto");
}

/** `--dqf`, once or several times. */
export function qualityOption(): Option {
  return new Option("--dqf <flags...>", QUALITY_HELP).argParser(qualityChoices).default([null], "all");
}

/** Several of them. Commander hands each word and what the words before it came to; the default is no word. */
function pcaChoices(text: string, earlier: readonly PcaChoice[]): readonly PcaChoice[] {
  return appended(pcaChoice(text), earlier);
}

/** Several of them. */
function qualityChoices(text: string, earlier: readonly QualityChoice[]): readonly QualityChoice[] {
  return appended(qualityChoice(text), earlier);
}

/** Lists that came from words, and not from a default that the first word replaces. */
const asked = new WeakSet<readonly unknown[]>();

function appended<T>(choice: T, earlier: readonly T[]): readonly T[] {
  const list = asked.has(earlier) ? [...earlier, choice] : [choice];
  asked.add(list);
  return list;
}

const PCA_HELP =
  "principal components: none, a number, or auto (100, or a tenth of the training crops); several are evaluated in turn";
const QUALITY_HELP = "only crops of these data quality flags; several choices (all 0 0+1) are evaluated in turn";

// What a report wrote, kept in a list beside it: a later one in the same folder takes away what it no longer writes, and nothing else.
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readText, writeFileAtomically } from "#base/files/disk";

export const LIST_FILE = "files.json";
const FORMAT = "suricate-report-files-1";

/** Names such a list may hold: it is a file that anyone can change, and what it names is removed. */
const OWN_NAME = /^(tables|figures)\/[^/\\]+\.(csv|md|tex|svg|png)$/;

/** Notes what is about to be written, with what is there: a report that is broken off leaves no file that nobody knows. Returns what was there. */
export function noteFiles(out: string, files: readonly string[]): readonly string[] {
  const earlier = listedFiles(join(out, LIST_FILE));
  writeList(out, [...new Set([...earlier, ...files])]);
  return earlier;
}

/** Removes files that an earlier report wrote and this one did not. Returns how many there were. Throws what the disk throws. */
export function removeStale(out: string, { earlier, files }: Readonly<Record<"earlier" | "files", readonly string[]>>): number {
  const stale = earlier.filter((name) => !files.includes(name) && existsSync(join(out, name)));
  for (const name of stale) rmSync(join(out, name));
  writeList(out, files);
  return stale.length;
}

function writeList(out: string, files: readonly string[]): void {
  const text = `${JSON.stringify({ format: FORMAT, files }, null, 2)}\n`;
  writeFileAtomically(join(out, LIST_FILE), new TextEncoder().encode(text));
}

/** None where there is no such list: another program's file is left alone, and so are the files of reports that kept none. */
function listedFiles(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  try {
    const { format, files } = JSON.parse(readText(path)) as { readonly format?: unknown; readonly files?: unknown };
    if (format !== FORMAT || !Array.isArray(files)) return [];
    return files.filter((name): name is string => typeof name === "string" && OWN_NAME.test(name));
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

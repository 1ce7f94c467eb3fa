// Where the real survey data are: SURICATE_DATA, or ../shared/data beside the checkout.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout's root, from the built test's place in dist/test. */
export const projectRoot = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

const dataRoot = resolve(process.env["SURICATE_DATA"] ?? join(projectRoot, "..", "shared", "data"));

/**
 * The path of a real data file or folder, and `skip` for a test's options: false where it is there, else the reason.
 * With CI set a missing file throws instead: there a skipped test would pass unnoticed.
 */
export function realData(path: string): { readonly path: string; readonly skip: string | false } {
  const full = join(dataRoot, path);
  if (existsSync(full)) return { path: full, skip: false };
  const reason = `real data not found: ${path}. Set SURICATE_DATA to the folder that holds it`;
  if (process.env["CI"]) throw new Error(`${reason}; with CI set this fails.`);
  return { path: full, skip: reason };
}

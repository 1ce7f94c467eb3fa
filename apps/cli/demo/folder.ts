// The demo's folder: what an earlier demo left in it is cleared, anything else is left alone.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#base/config";
import { makeFolder, writeFileAtomically } from "#base/files/disk";

/** Where each stage leaves its results. */
export interface DemoFolder {
  readonly root: string;
  readonly fields: string;
  readonly crops: string;
  readonly run: string;
  readonly embeddings: string;
  readonly results: string;
  readonly report: string;
}

/** Marks a folder as a demo's: only such a folder is ever cleared. */
const MARKER = ".suricate-demo";

/** Makes the folder, or clears the one that an earlier demo made. Throws ConfigError for a folder that holds anything else. */
export function demoFolder(root: string): DemoFolder {
  const folder: DemoFolder = {
    root,
    fields: join(root, "fields"),
    crops: join(root, "crops"),
    run: join(root, "run"),
    embeddings: join(root, "embeddings"),
    results: join(root, "results.json"),
    report: join(root, "report.html"),
  };
  const marker = join(root, MARKER);
  makeFolder(root);
  if (!existsSync(marker) && readdirSync(root).length > 0) {
    throw new ConfigError(
      `--out ${root}: expected a new folder or an earlier demo's, got one that holds other files. Choose another --out.`,
    );
  }
  for (const path of [folder.fields, folder.crops, folder.run, folder.embeddings, folder.results, folder.report]) {
    rmSync(path, { recursive: true, force: true });
  }
  makeFolder(folder.embeddings);
  writeFileAtomically(marker, new TextEncoder().encode("Made by suricate demo, which clears this folder when it runs again.\n"));
  return folder;
}

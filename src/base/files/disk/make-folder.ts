// Folders that are made where a file is asked for.
import { mkdirSync } from "node:fs";
import { writeFailure } from "./file-error.ts";

/** Makes a folder, and those above it, unless it is there. Throws FileError. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw writeFailure(path, 0, cause);
  }
}

// What a path holds, told by its first bytes and by the files in a folder.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#base/config";
import { openFile } from "#base/files/disk";
import { isRunFolder } from "#learn/runs/disk";

/** "fits" may still be a catalogue in a FITS table. */
export type PathKind = "crop set" | "run" | "fits" | "safetensors" | "torch checkpoint" | "onnx" | "catalogue";

/** What a path holds. Throws ConfigError for a path that is not there, and for a folder that is neither a crop set nor a run. */
export function kindOf(path: string): PathKind {
  if (!existsSync(path))
    throw new ConfigError(
      `${path}: no such file or folder. inspect takes FITS files, catalogues, crop sets, runs, checkpoints and ONNX models.`,
    );
  if (statSync(path).isDirectory()) {
    if (isCropSetFolder(path)) return "crop set";
    if (isRunFolder(path)) return "run";
    throw new ConfigError(
      `${path}: expected a crop set (cropset.json) or a run (config.yaml) in this folder, got neither. Name one of its files.`,
    );
  }
  return kindOfFile(path);
}

/** Whether a folder holds a crop set. */
export function isCropSetFolder(path: string): boolean {
  return existsSync(join(path, "cropset.json"));
}

function kindOfFile(path: string): PathKind {
  if (/\.safetensors$/i.test(path)) return "safetensors";
  if (/\.onnx$/i.test(path)) return "onnx";
  const start = firstBytes(path);
  const text = String.fromCharCode(...start);
  if (text.startsWith("SIMPLE  =") || /\.(fits?|fts|fz)(\.gz)?$/i.test(path)) return "fits";
  if (text.startsWith("PK\x03\x04") || /\.(pth|pt|ckpt|bin)$/i.test(path)) return "torch checkpoint";
  return "catalogue";
}

function firstBytes(path: string): Uint8Array {
  const file = openFile(path);
  try {
    const bytes = new Uint8Array(Math.min(9, file.numBytes));
    file.readInto(bytes, 0);
    return bytes;
  } finally {
    file.close();
  }
}

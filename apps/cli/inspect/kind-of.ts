// What a path holds, told by its first bytes and by the files in a folder.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#base/config";
import { firstBytes } from "#base/files/disk";
import { isRunFolder } from "#learn/runs/disk";

/** "fits" may still be a catalogue in a FITS table. */
export type PathKind = "crop set" | "run" | "folder" | "fits" | "npy" | "safetensors" | "torch checkpoint" | "onnx" | "catalogue";

/** What a path holds. Throws ConfigError for a path that is not there. */
export function kindOf(path: string): PathKind {
  if (!existsSync(path))
    throw new ConfigError(
      `${path}: no such file or folder. inspect takes FITS files, catalogues, crop sets, runs, checkpoints, ONNX models, .npy arrays and folders of them.`,
    );
  if (statSync(path).isDirectory()) {
    if (isCropSetFolder(path)) return "crop set";
    if (isRunFolder(path)) return "run";
    return "folder";
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
  if (/\.npy$/i.test(path)) return "npy";
  const start = firstBytes(path, 9);
  const text = String.fromCharCode(...start);
  if (text.startsWith("SIMPLE  =") || /\.(fits?|fts|fz)(\.gz)?$/i.test(path)) return "fits";
  if (text.startsWith("PK\x03\x04") || /\.(pth|pt|ckpt|bin)$/i.test(path)) return "torch checkpoint";
  return "catalogue";
}

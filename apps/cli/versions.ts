// What ran: recorded with every run and result.
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}; // our own package.json

/** Versions of Suricate, Node and the library that computes. */
export function versions(): Record<string, string> {
  return {
    suricate: manifest.version,
    node: process.versions.node,
    "onnxruntime-node": manifest.dependencies["onnxruntime-node"]!,
  };
}

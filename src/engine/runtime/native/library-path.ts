// Where onnxruntime-node keeps ONNX Runtime's shared library for this machine.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The library's file for each platform that onnxruntime-node ships: its folder's name, and the file in it. */
const LIBRARIES: Readonly<Record<string, string>> = {
  "linux-x64": "libonnxruntime.so.1",
  "linux-arm64": "libonnxruntime.so.1",
  "darwin-arm64": "libonnxruntime.1.dylib",
  "win32-x64": "onnxruntime.dll",
  "win32-arm64": "onnxruntime.dll",
};

/** The library's path. Throws Error where onnxruntime-node has none for the platform, or it is not installed. */
export function libraryPath(platform: string = process.platform, architecture: string = process.arch): string {
  const file = LIBRARIES[`${platform}-${architecture}`];
  if (file === undefined) {
    const known = Object.keys(LIBRARIES).join(", ");
    throw new Error(
      `ONNX Runtime: expected one of ${known}, got ${platform}-${architecture}. There is no library for this machine.`,
    );
  }
  const packageFolder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const path = join(packageFolder, "bin", "napi-v6", platform, architecture, file);
  if (!existsSync(path)) throw new Error(`${path}: the file is missing. Install the npm packages again.`);
  return path;
}

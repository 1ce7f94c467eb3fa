import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { libraryPath } from "../../../src/engine/runtime/native/library-path.ts";

test("the installed package has the library of every platform that is named", () => {
  const platforms = ["linux x64", "linux arm64", "darwin arm64", "win32 x64", "win32 arm64"];
  // libraryPath throws where the file is missing.
  const files = platforms.map((platform) => {
    const [system, architecture] = platform.split(" ");
    return basename(libraryPath(system, architecture));
  });
  assert.deepEqual(files, [
    "libonnxruntime.so.1",
    "libonnxruntime.so.1",
    "libonnxruntime.1.dylib",
    "onnxruntime.dll",
    "onnxruntime.dll",
  ]);
});

test("a machine without a library is told which machines have one", () => {
  assert.throws(() => libraryPath("darwin", "x64"), {
    message:
      "ONNX Runtime: expected one of linux-x64, linux-arm64, darwin-arm64, win32-x64, win32-arm64, got darwin-x64. There is no library for this machine.",
  });
});

// Arrays to a Python script and its result back, for tests that hold a function to another library run live.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ndArray } from "#base/array";
import { formatNpy } from "#base/files";
import { peerEnvironment, pythonCommand } from "../bench/peer-python.ts";

/** Numbers with their shape, as numpy sees them. */
export interface PythonArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Runs a Python script that finds each array under its name, in float64; what it puts into `result` comes back through JSON. */
export function pythonResult<T>(arrays: Readonly<Record<string, PythonArray>>, script: string): T {
  const folder = mkdtempSync(join(tmpdir(), "suricate-python-"));
  try {
    const reading = Object.entries(arrays).map(([name, { shape, data }]) => {
      const type = data instanceof Float32Array ? "float32" : "float64";
      writeFileSync(join(folder, `${name}.npy`), formatNpy(ndArray(type, shape, data)));
      return `${name} = np.load(sys.argv[1] + "/${name}.npy").astype(float)`;
    });
    const program = [
      "import sys, json, numpy as np",
      ...reading,
      script,
      'json.dump(result, open(sys.argv[1] + "/result.json", "w"))',
    ].join("\n");
    const { status, stderr, error } = spawnSync(pythonCommand(), ["-B", "-c", program, folder], {
      encoding: "utf8",
      env: peerEnvironment(),
    });
    assert.equal(status, 0, error?.message ?? stderr);
    return JSON.parse(readFileSync(join(folder, "result.json"), "utf8")) as T;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

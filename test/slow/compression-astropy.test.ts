// The codecs of tile-compressed images against files that astropy (cfitsio) writes live: every method, dither, level and odd tile shapes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pythonCommand } from "../../bench/peer-python.ts";
import { pythonSkip } from "../python.ts";
import { projectRoot } from "../real-data.ts";
import { compressedImage, decodeImage } from "../sky/fits/compressed-tiles.ts";
import { temporaryFolder } from "../sky/fits/fits-file.ts";

interface Case {
  readonly name: string;
  readonly height: number;
  readonly width: number;
}

const folder = temporaryFolder();

/** Float images are float32 here: doubles agree to its rounding. */
function largestError(got: Float64Array, wanted: Float64Array, name: string): number {
  let largest = 0;
  wanted.forEach((value, index) => {
    const found = got[index]!;
    assert.equal(Number.isNaN(found), Number.isNaN(value), `${name}: pixel ${index}: ${found}, astropy ${value}`);
    if (Number.isNaN(value)) return;
    largest = Math.max(largest, Math.abs(found - value) / (name.includes("float64") ? Math.max(Math.abs(value), 1e-3) : 1));
  });
  return largest;
}

test("every compressed image that astropy writes decodes to what astropy reads", { skip: pythonSkip(["astropy"]) }, () => {
  const script = join(projectRoot, "test/reference/compression_astropy.py");
  const run = spawnSync(pythonCommand(), [script, folder], { encoding: "utf8", maxBuffer: 1 << 26 });
  assert.equal(run.status, 0, run.stderr);
  const cases = JSON.parse(run.stdout) as readonly Case[]; // shape as compression_astropy.py prints it
  assert.ok(cases.length >= 200, `cases: ${cases.length}`);
  for (const { name, height, width } of cases) {
    const image = decodeImage(compressedImage(join(folder, `${name}.fits`)));
    assert.deepEqual([image.height, image.width], [height, width], name);
    const raw = readFileSync(join(folder, `${name}.raw`)).swap64();
    const wanted = new Float64Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength));
    const error = largestError(image.pixels, wanted, name);
    assert.ok(error <= (name.includes("float64") ? 2 ** -23 : 0), `${name}: ${error} from astropy`);
  }
});

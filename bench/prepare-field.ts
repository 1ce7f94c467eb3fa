// The field of bench prepare: a cube of five planes as MGCLS's are, simulated, with its catalogue; plain, gzip-compressed or by RICE_1.
import { spawnSync } from "node:child_process";
import { createReadStream, createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { writeFits } from "#sky/fits/disk";
import { compactHeading, formatCompactLines, MGCLS_SKY, simulateField } from "#sky/simulator";
import { peerScript } from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";

/** The field that both sides are given. */
export interface PrepareSize {
  /** Side of the field, in pixels. */
  readonly fieldSize: number;
  readonly cropSize: number;
  /** Beyond so many field sides from the middle pixels are NaN, as where a primary beam is cut; MGCLS's full-resolution fields are whole. */
  readonly blankBeyond?: number;
}

/** How the cube is stored. */
export const STORAGES = ["plain", "gzip", "rice"] as const;
export type Storage = (typeof STORAGES)[number];

const FILES: Readonly<Record<Storage, string>> = { plain: "field.fits", gzip: "field.fits.gz", rice: "field-rice.fits" };

/** The field and its catalogue in `folder`. */
export function fieldFiles(folder: string, storage: Storage): { readonly field: string; readonly catalogue: string } {
  return { field: join(folder, FILES[storage]), catalogue: join(folder, "catalogue.csv") };
}

/** Writes the field in one storage, and the catalogue. Throws Error where RICE is wanted and Python has no astropy. */
export async function writeField(folder: string, size: PrepareSize, storage: Storage): Promise<void> {
  const { field: plain, catalogue } = fieldFiles(folder, "plain");
  const field = simulateField({ ...MGCLS_SKY, fieldSize: size.fieldSize, numPlanes: 5, dataQualityFlag: 0 }, 1, 0);
  const numPixels = size.fieldSize ** 2;
  const pixels = new Float32Array(5 * numPixels);
  for (const [plane, values] of field.planes.entries()) pixels.set(values, plane * numPixels);
  if (size.blankBeyond !== undefined) blank(pixels.subarray(0, numPixels), size.fieldSize, size.blankBeyond * size.fieldSize);
  writeFits(plain, [{ kind: "image", shape: [1, 5, size.fieldSize, size.fieldSize], pixels, cards: field.cards }]);
  writeFileSync(catalogue, `${compactHeading()}\n${formatCompactLines(field.sources)}`);
  const { field: stored } = fieldFiles(folder, storage);
  if (storage === "gzip") await pipeline(createReadStream(plain), createGzip(), createWriteStream(stored));
  if (storage === "rice") compressByRice(plain, stored);
}

function blank(pixels: Float32Array, size: number, radius: number): void {
  const middle = (size - 1) / 2;
  for (let place = 0; place < pixels.length; place++) {
    if (Math.hypot(Math.floor(place / size) - middle, (place % size) - middle) > radius) pixels[place] = Number.NaN;
  }
}

function compressByRice(plain: string, stored: string): void {
  const args = ["-B", peerScript("compress_rice.py"), plain, stored];
  const { status, stderr } = spawnSync(peerPython(["numpy", "astropy"]), args, { encoding: "utf8", env: peerEnvironment() });
  if (status !== 0) throw new Error(`bench: the field was not compressed: ${stderr.trim().split("\n").at(-1)}`);
}

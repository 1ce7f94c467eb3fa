// Small FITS fields for tests: written anew in a folder of the test's own.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { randomFor } from "#base/array";
import { writeFieldImage } from "#sky/fits/disk";

/** A new folder, removed when the test file is done. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-survey-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Noise of 1e-5 Jy/beam, [height, width], centred on the reference position. */
export interface SmallField {
  readonly height: number;
  readonly width: number;
  readonly raDeg?: number;
  readonly fluxUnit?: string;
  readonly isPlaced?: boolean;
  readonly seed?: number;
  /** Sets the pixels that the test is about. */
  readonly change?: (pixels: Float32Array) => void;
}

export const DEC_DEG = -30;
export const PIXEL_DEG = 0.001;

/** Writes a field and returns its path. */
export function writeField(folder: string, name: string, field: SmallField): string {
  const { height, width, raDeg = 10, fluxUnit = "Jy/beam", isPlaced = true, seed = 1, change } = field;
  const random = randomFor(seed, "small-field");
  const pixels = Float32Array.from({ length: height * width }, () => 1e-5 * random.normal());
  change?.(pixels);
  const placed = [
    { keyword: "CTYPE1", value: "RA---SIN" },
    { keyword: "CRPIX1", value: (width + 1) / 2 },
    { keyword: "CRVAL1", value: raDeg },
    { keyword: "CDELT1", value: -PIXEL_DEG },
    { keyword: "CTYPE2", value: "DEC--SIN" },
    { keyword: "CRPIX2", value: (height + 1) / 2 },
    { keyword: "CRVAL2", value: DEC_DEG },
    { keyword: "CDELT2", value: PIXEL_DEG },
    { keyword: "BMAJ", value: 0.002 },
    { keyword: "BMIN", value: 0.0015 },
    { keyword: "BPA", value: 20 },
  ];
  const path = join(folder, `${name}.fits`);
  writeFieldImage(path, { pixels, height, width, cards: [{ keyword: "BUNIT", value: fluxUnit }, ...(isPlaced ? placed : [])] });
  return path;
}

/** Writes a catalogue of positions, given in pixels from the middle of a field at `raDeg`, and returns its path. */
export function writeCatalogue(path: string, offsets: readonly (readonly [dx: number, dy: number])[], raDeg = 10): string {
  // Good to a hundredth of a pixel this close to the reference position.
  const lines = offsets.map(([dx, dy]) => {
    const decDeg = DEC_DEG + dy * PIXEL_DEG;
    return `${raDeg - (dx * PIXEL_DEG) / Math.cos((decDeg * Math.PI) / 180)},${decDeg}`;
  });
  writeFileSync(path, `RA,Dec\n${lines.join("\n")}\n`);
  return path;
}

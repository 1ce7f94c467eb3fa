// --hdu, of every command that reads FITS images.
import { Option } from "commander";
import type { UnitChoice } from "#sky/fits";

/** `--hdu NUMBER` or `--hdu NAME`. */
export function hduOption(): Option {
  return new Option("--hdu <number or name>", "which unit of a FITS file (default: the first image)").argParser(hduOf);
}

/** A unit by its number, or by its name. */
function hduOf(text: string): UnitChoice {
  return /^\d+$/.test(text) ? Number(text) : text;
}

// What astropy reads from every FITS file at hand: fits_cases/expected_astropy.json.
import { readFileSync } from "node:fs";
import { realData } from "../../real-data.ts";

/** One header-and-data unit; `shape` slowest axis first, sums over all planes. */
export interface ExpectedUnit {
  readonly hdu: number;
  readonly type: string;
  readonly shape?: readonly number[];
  readonly nan: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly first: readonly (number | null)[];
  readonly mid: number | null;
}

const root = realData(".");
const expectations = realData("fits_cases/expected_astropy.json");

/** Where the files are, and why a test must be skipped: false where they are there. */
export const atHand = { path: root.path, skip: root.skip || expectations.skip };

/** The units of each file, by its path under `atHand.path`. Its shape is as the file's README says. */
export function expectedUnits(): Readonly<Record<string, readonly ExpectedUnit[]>> {
  return JSON.parse(readFileSync(expectations.path, "utf8")) as Readonly<Record<string, readonly ExpectedUnit[]>>;
}

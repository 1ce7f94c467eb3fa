// Which unit of a file is meant: the first image or table, or one by its number or its name.
import type { FileFacts, Reading } from "./byte-reading.ts";
import { FitsError } from "./fits-error.ts";
import { describedUnit, endOfUnit, type FitsUnit, type UnitKind, unitAt } from "./unit.ts";

/** A unit's number, counted from 0 (the primary unit), or its EXTNAME, with ",EXTVER" where several bear it: 1, "SCI", "SCI,2". */
export type UnitChoice = number | string;

/** What is looked for, and how messages call it: "an image", "a table". */
export interface WantedUnit {
  readonly kinds: readonly UnitKind[];
  readonly word: string;
}

export const IMAGE: WantedUnit = { kinds: ["image", "compressed image"], word: "image" };
export const TABLE: WantedUnit = {
  kinds: ["binary table", "ascii table"],
  word: "table",
};

const MOST_UNITS_SHOWN = 8;

/**
 * The first unit of the kind that is wanted, or the chosen one. Reads no further than its header. Throws FitsError where there is none, and
 * where the chosen one is of another kind.
 */
export function* findUnit(file: FileFacts, wanted: WantedUnit, choice: UnitChoice | undefined): Reading<FitsUnit> {
  const seen: string[] = [];
  for (let startByte = 0; ; ) {
    const unit = yield* unitAt(file, startByte, seen.length);
    if (unit === undefined) throw noSuchUnit(file.path, wanted, choice, seen);
    const isWanted = wanted.kinds.includes(unit.kind);
    if (choice === undefined ? isWanted : isChosen(unit, choice)) {
      if (isWanted) return unit;
      throw new FitsError(
        `${file.path}: HDU ${shown(choice)}: expected ${article(wanted.word)}, got ${describedUnit(unit, file.path)}.`,
        { file: file.path, byte: startByte },
      );
    }
    seen.push(describedUnit(unit, file.path));
    startByte = endOfUnit(unit);
  }
}

/** EXTNAME: case and spaces round it do not count (as in cfitsio and astropy). */
function isChosen({ index, name, version }: FitsUnit, choice: UnitChoice): boolean {
  if (typeof choice === "number") return index === choice;
  const [, wantedName, wantedVersion] = /^(.*?)(?:,\s*(\d+))?$/s.exec(choice.trim())!;
  const isNamed = (text: string) => (name ?? (index === 0 ? "PRIMARY" : "")).toUpperCase() === text.trim().toUpperCase();
  if (isNamed(choice)) return true;
  return isNamed(wantedName!) && version === Number(wantedVersion);
}

function noSuchUnit(path: string, wanted: WantedUnit, choice: UnitChoice | undefined, seen: readonly string[]): FitsError {
  const found = seen.slice(0, MOST_UNITS_SHOWN).join(", ") + (seen.length > MOST_UNITS_SHOWN ? ", ..." : "");
  if (choice === undefined) {
    return new FitsError(`${path}: holds no ${wanted.word}: expected ${article(wanted.word)}, got ${found}.`, { file: path });
  }
  const range = typeof choice === "number" ? `0 to ${seen.length - 1}` : "the name of one of its units";
  return new FitsError(`${path}: HDU: expected ${range}, got ${shown(choice)}. The file holds ${found}.`, { file: path });
}

const shown = (choice: UnitChoice | undefined) => (typeof choice === "string" ? JSON.stringify(choice) : String(choice));
const article = (word: string) => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;

// A folder of files: how many of which kind, and what its FITS images have in common.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#base/config";
import { openNpyRows } from "#base/files/disk";
import { isRunFolder } from "#learn/runs/disk";
import { beamOf, fluxUnitOf, pixelScaleDegOf, wcsOf } from "#sky/fits";
import type { UnitSummary } from "#sky/fits/disk";
import { isFitsImageName, isSourceListName } from "#sky/survey/disk";
import { type Fact, factLines } from "./fact-lines.ts";
import { fitsUnits } from "./inspect-fits.ts";
import type { Inspected } from "./inspected.ts";
import { isCropSetFolder } from "./kind-of.ts";

/** What may lie in a folder; all else is "other". */
const KINDS = ["fits", "npy", "png", "source list", "crop set", "run", "other"] as const;
type Kind = (typeof KINDS)[number];

/** Looks at the files of a folder, not at those of folders inside. Throws ConfigError where none is of a kind that is known. */
export function inspectFolder(path: string): Inspected {
  const names: Record<Kind, string[]> = { fits: [], npy: [], png: [], "source list": [], "crop set": [], run: [], other: [] };
  for (const name of readdirSync(path).toSorted()) if (!name.startsWith(".")) names[kindIn(join(path, name))].push(name);
  if (KINDS.every((kind) => kind === "other" || names[kind].length === 0)) throw nothingKnown(path, names.other.length);
  const unreadable: string[] = [];
  const looked = <Found>(name: string, look: (file: string) => Found): readonly Found[] => {
    try {
      return [look(join(path, name))];
    } catch (error) {
      unreadable.push(error instanceof Error ? error.message : String(error));
      return [];
    }
  };
  const fits = names.fits.flatMap((name) => looked(name, (file) => ({ name, units: fitsUnits(file).units })));
  const images = fits.flatMap(({ name, units }) => imageOf(name, units) ?? []);
  const arrays = names.npy.flatMap((name) => looked(name, (file) => ({ name, ...npyForm(file) })));
  const numTables = fits.length - images.length;
  return {
    report: {
      ...{ kind: "folder", path, fitsImages: images, fitsWithoutImage: numTables, arrays, png: names.png.length },
      ...{
        sourceLists: names["source list"],
        cropSets: names["crop set"],
        runs: names.run,
        others: names.other.length,
        unreadable,
      },
    },
    lines: [
      path,
      ...factLines([
        ...imageFacts(images),
        ...(numTables === 0 ? [] : [["FITS without image", String(numTables)] as const]),
        ...(arrays.length === 0 ? [] : [["arrays", `${arrays.length}: ${arrayText(arrays)}`] as const]),
        ...(names.png.length === 0 ? [] : [["PNG pictures", String(names.png.length)] as const]),
        ...listed("source lists", names["source list"]),
        ...listed("crop sets", names["crop set"]),
        ...listed("runs", names.run),
        ...(names.other.length === 0 ? [] : [["other", `${names.other.length} files and folders`] as const]),
      ]),
      ...unreadable.map((message) => `  warning: ${message}`),
    ],
  };
}

function kindIn(path: string): Kind {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return isCropSetFolder(path) ? "crop set" : isRunFolder(path) ? "run" : "other";
  if (isSourceListName(path)) return "source list";
  if (isFitsImageName(path)) return "fits";
  if (/\.npy$/i.test(path)) return "npy";
  return /\.png$/i.test(path) ? "png" : "other";
}

function nothingKnown(path: string, numOthers: number): ConfigError {
  return new ConfigError(
    `${path}: expected a crop set (cropset.json), a run (config.yaml), or a folder of FITS, .npy or PNG files, source lists, crop sets or runs, got ${numOthers} other entries. Name one of its files.`,
  );
}

/** What tells one image from another. */
interface FolderImage {
  readonly name: string;
  /** Rows and columns, and planes before them. */
  readonly shape: readonly number[];
  readonly fluxUnit: string;
  readonly pixelScaleDeg: number | null;
  readonly beamMajorDeg: number | null;
  readonly isOnSky: boolean;
}

/** The first image of a file. */
function imageOf(name: string, units: readonly UnitSummary[]): FolderImage | undefined {
  const image = units.find(({ kind }) => kind === "image" || kind === "compressed image");
  if (image === undefined) return undefined;
  const { header, shape } = image;
  return {
    name,
    shape: shape.filter((size) => size > 1),
    fluxUnit: fluxUnitOf(header),
    pixelScaleDeg: pixelScaleDegOf(header) ?? null,
    beamMajorDeg: beamOf(header)?.majorDeg ?? null,
    isOnSky: wcsOf(header) !== undefined,
  };
}

function npyForm(file: string): { readonly dtype: string; readonly shape: readonly number[] } {
  const { dtype, shape, close } = openNpyRows(file);
  close();
  return { dtype, shape };
}

function imageFacts(images: readonly FolderImage[]): readonly Fact[] {
  if (images.length === 0) return [];
  const numOnSky = images.filter(({ isOnSky }) => isOnSky).length;
  return [
    ["FITS images", `${images.length}: ${counts(images.map(({ shape }) => `${shape.join(" x ") || "1"} pixels`))}`],
    ["flux", counts(images.map(({ fluxUnit }) => `in ${fluxUnit}`))],
    ["pixel", arcsecRange(images.map(({ pixelScaleDeg }) => pixelScaleDeg))],
    ["beam", arcsecRange(images.map(({ beamMajorDeg }) => beamMajorDeg))],
    ["on the sky", `${numOnSky} of ${images.length}`],
  ];
}

/** "2 of 3457 x 3457, 1 of 1024 x 1024", most frequent first; a single kind alone. */
function counts(texts: readonly string[]): string {
  const numOf = new Map<string, number>();
  for (const text of texts) numOf.set(text, (numOf.get(text) ?? 0) + 1);
  const all = [...numOf].toSorted(([, a], [, b]) => b - a);
  const shown = all.slice(0, MOST_SHOWN).map(([text, count]) => (all.length === 1 ? text : `${count} of ${text}`));
  return [...shown, ...(all.length > MOST_SHOWN ? [`${all.length - MOST_SHOWN} other`] : [])]
    .join(", ")
    .replaceAll(" of in ", " in ");
}

const MOST_SHOWN = 6;

function arcsecRange(degrees: readonly (number | null)[]): string {
  const known = degrees.flatMap((value) => value ?? []);
  if (known.length === 0) return "not known";
  const text = (value: number) => `${Number((3600 * value).toPrecision(4))}"`;
  const least = text(known.reduce((one, other) => Math.min(one, other)));
  const most = text(known.reduce((one, other) => Math.max(one, other)));
  const missing = known.length < degrees.length ? `, not known of ${degrees.length - known.length}` : "";
  return `${least === most ? least : `${least} to ${most}`}${missing}`;
}

function arrayText(arrays: readonly { readonly dtype: string; readonly shape: readonly number[] }[]): string {
  return counts(arrays.map(({ dtype, shape }) => `${dtype} [${shape.join(", ")}]`));
}

function listed(name: string, found: readonly string[]): readonly Fact[] {
  if (found.length === 0) return [];
  const more = found.length > MOST_SHOWN ? `, and ${found.length - MOST_SHOWN} more` : "";
  return [[name, `${found.length}: ${found.slice(0, MOST_SHOWN).join(", ")}${more}`]];
}

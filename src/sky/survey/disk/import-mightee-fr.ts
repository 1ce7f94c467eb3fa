// MIGHTEE_FR (paper sections 2.2.2 and 4.2): FRI and FRII galaxies cut from MIGHTEE images round the positions of a labelled table.
import { basename } from "node:path";
import { CatalogueError } from "#sky/catalogue";
import { readTextTable } from "#sky/catalogue/disk";
import type { Centre } from "../centres.ts";
import { FR_LABELS, frClassOf, type LabelNames } from "../fr-classes.ts";
import { isLabelHeader, type LabelColumns, type LabelRow, labelRows } from "../label-table.ts";
import type { ReadCentres } from "./beside.ts";
import { findFitsFiles } from "./find-fits.ts";
import { openCropSet } from "./open-crop-set.ts";
import { countsOf, type PictureSetSummary } from "./picture-set.ts";
import { prepareFields } from "./prepare.ts";
import { checkPrepareSettings, PREPARE_DEFAULTS, type PrepareProgress, type PrepareSummary } from "./prepare-options.ts";
import { checkTarget } from "./write-crop-set.ts";

/** What `importMighteeFr` is asked to do. */
export interface MighteeFrOptions {
  /** FITS images, or folders of them. */
  readonly images: readonly string[];
  /** Text, with columns of position (RA_host, DEC_host) and class. */
  readonly table: string;
  readonly columns?: LabelColumns;
  /** Rows of other classes are left out. Default: FRI and FRII. */
  readonly classes?: LabelNames;
  readonly out: string;
  /** Side of a crop in pixels. Default 150 (paper table 1). */
  readonly cropSize?: number;
  /** Of the whole image. Default 2 and 99.9 (paper section 2.4, for MIGHTEE). */
  readonly lowPercentile?: number;
  readonly highPercentile?: number;
  readonly maxNanFraction?: number;
  readonly plane?: number;
  readonly existing?: "refuse" | "replace";
}

const DEFAULTS = { cropSize: 150, lowPercentile: 2, highPercentile: 99.9 } as const;

const NEEDED = ["ra", "dec", "label"] as const;

/**
 * Cuts each galaxy out of the first image that holds its crop. Throws an Error of one line for a table without positions or classes,
 * and for images that hold none of the galaxies.
 */
export async function importMighteeFr(
  options: MighteeFrOptions,
  onProgress: PrepareProgress = () => {},
): Promise<PictureSetSummary> {
  const { images, table, columns = {}, classes = FR_LABELS, ...rest } = options;
  const settings = { ...PREPARE_DEFAULTS, ...DEFAULTS, ...rest, inputs: images, collection: "MIGHTEE_FR" };
  checkPrepareSettings(settings);
  const paths = findFitsFiles(images);
  checkTarget(settings);
  const centres = readLabelledPositions(table, columns, classes);
  const beside = { counted: undefined, table: undefined, centres };
  const prepared = await prepareFields(paths, { settings, beside, onProgress });
  const set = await openCropSet(settings.out);
  set.close();
  return {
    out: settings.out,
    crops: prepared.crops,
    rejected: prepared.rejected,
    splits: countsOf(set.records.map(({ split }) => split)),
    labels: countsOf(set.records.map(({ label }) => label)),
    warnings: [...prepared.warnings, ...lossWarnings(prepared, table)],
  };
}

/** A galaxy near one image's edge may have been cut from another: what counts is what is left without a crop. */
function lossWarnings({ crops, centres }: PrepareSummary, table: string): readonly string[] {
  const lost = centres! - crops; // there are centres: they were cut round
  if (lost === 0) return [];
  return [`${table}: ${lost} of ${centres} galaxies have no crop: outside the images, too near an edge, or on NaN.`];
}

function readLabelledPositions(path: string, columns: LabelColumns, classes: LabelNames): ReadCentres {
  const { table, sha256 } = readTextTable(path, (cells) => isLabelHeader(cells, NEEDED, columns));
  const rows = labelRows(table, NEEDED, columns, path);
  const labelled = rows.flatMap((row) => {
    const label = row.known.label === null ? undefined : classes.get(frClassOf(row.known.label));
    return label === undefined ? [] : [{ ...row, known: { ...row.known, label } }];
  });
  if (labelled.length === 0) throw noneLabelled(path, rows, classes);
  const ids = new Set(labelled.map(({ id }) => id));
  const hasIds = ids.size === labelled.length && !ids.has(null);
  const left = rows.length - labelled.length;
  return {
    name: path,
    read: { file: basename(path), sha256, sources: labelled.length },
    centres: labelled.map((row, index) => centreOf(row, hasIds ? row.id! : String(index), path)), // hasIds: none is null
    use: "first-field",
    warnings:
      left === 0
        ? []
        : [`${path}: ${left} of ${rows.length} rows are left out: no class among ${[...classes.keys()].join(", ")}.`],
  };
}

function centreOf({ line, known }: LabelRow, name: string, where: string): Centre {
  const { raDeg, decDeg, label, split, redshift, labelConfidence, labelOrigin } = known;
  if (raDeg === null || decDeg === null)
    throw new CatalogueError(`${where}: line ${line}: expected a right ascension and a declination, got none.`, {
      file: where,
      line,
    });
  return { name, raDeg, decDeg, field: null, known: { survey: "MIGHTEE", label, split, redshift, labelConfidence, labelOrigin } };
}

function noneLabelled(path: string, rows: readonly LabelRow[], classes: LabelNames): CatalogueError {
  const found = [...new Set(rows.flatMap(({ known }) => known.label ?? []))].slice(0, 8);
  const got = found.length === 0 ? "none" : found.join(", ");
  return new CatalogueError(
    `${path}: expected rows of the classes ${[...classes.keys()].join(", ")}, got ${got} in ${rows.length} rows. Name the column with --columns label=..., its values with --classes.`,
    { file: path },
  );
}

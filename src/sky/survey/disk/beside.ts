// What is read beside the fields before they are cut: catalogue, centres, the survey's table of fields.
import { basename } from "node:path";
import { type Catalogue, CatalogueError } from "#sky/catalogue";
import { readCatalogue, readTextTable } from "#sky/catalogue/disk";
import { type Centre, centresOf } from "../centres.ts";
import type { ReadTable } from "../crop-set.ts";
import { isFieldTableHeader, type JoinedFacts, joinFieldTable } from "../field-table.ts";
import { type CountedCatalogue, countedCatalogue } from "./counted-catalogue.ts";
import type { PrepareSettings } from "./prepare-options.ts";

/** Positions to cut at. */
export interface ReadCentres {
  /** The file, as messages name it. */
  readonly name: string;
  readonly read: ReadTable;
  readonly centres: readonly Centre[];
  /** "first-field": a position is cut out of the first field that holds its crop, and of no other. */
  readonly use: "every-field" | "first-field";
  readonly warnings: readonly string[];
}

/** What is read beside the fields. */
export interface Beside {
  readonly counted: CountedCatalogue | undefined;
  readonly centres: ReadCentres | undefined;
  readonly table: (JoinedFacts & { readonly read: ReadTable }) | undefined;
}

/** Reads the files that the settings name. Throws CatalogueError. */
export function readBeside(settings: PrepareSettings, fieldNames: readonly string[]): Beside {
  const { catalogue, centres, columns, fieldTable } = settings;
  // --columns speaks of the catalogue where there is one.
  const chosen = catalogue === undefined && columns !== undefined ? { columns } : {};
  return {
    counted: catalogue === undefined ? undefined : countedCatalogue(catalogue, settings, fieldNames),
    centres: centres === undefined ? undefined : centresOfCatalogue(readCatalogue(centres, chosen), fieldNames),
    table: fieldTable === undefined ? undefined : readFieldTable(fieldTable, fieldNames),
  };
}

function centresOfCatalogue(catalogue: Catalogue, fieldNames: readonly string[]): ReadCentres {
  const { name, sources, warnings } = catalogue;
  return { name, read: readTableOf(catalogue), centres: centresOf(sources, fieldNames), use: "every-field", warnings };
}

/** How cropset.json names a catalogue. */
export function readTableOf({ name, sha256, sources }: Catalogue): ReadTable {
  return { file: basename(name), sha256, sources: sources.length };
}

function readFieldTable(path: string, fieldNames: readonly string[]): Beside["table"] {
  const { table, sha256 } = readTextTable(path, isFieldTableHeader);
  const joined = joinFieldTable(table, fieldNames, path);
  if (joined.facts.size === 0)
    throw new CatalogueError(
      `${path}: expected rows of the ${fieldNames.length === 1 ? "field" : `${fieldNames.length} fields`}, got none in ${table.rows.length} rows. The first field is called "${fieldNames[0]}".`,
      { file: path },
    );
  return { ...joined, read: { file: basename(path), sha256, sources: joined.facts.size } };
}

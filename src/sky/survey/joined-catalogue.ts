// Several source lists as one catalogue: source finders write one list a field (PyBDSF's srl and gaul).
import type { Catalogue, Source } from "#sky/catalogue";
import { fieldFinder } from "./field-names.ts";
import { PlacedSources } from "./placed-sources.ts";

/** One of the lists. */
export interface CatalogueList {
  /** The file, as messages name it. */
  readonly name: string;
  /** The field that it pairs with by its name; null where its sources' own fields or positions decide. */
  readonly field: string | null;
}

/** The sources of several lists, one list after another. */
export interface JoinedCatalogue {
  readonly lists: readonly CatalogueList[];
  readonly sources: readonly Source[];
  /** The index of each source's list. */
  readonly listOf: Uint32Array;
  /** Sources left out because a list before has them: of lists that are paired by position. */
  readonly numDuplicates: number;
  readonly warnings: readonly string[];
}

/**
 * Joins lists. A list whose file is called after a field is that field's, and so are its sources that name none: a source that two such
 * lists have counts in both fields. Of all other lists the positions decide, and a source is left out where an earlier one of these has
 * one within half of its width. Throws Error for two lists of one field and for lists of different kinds.
 */
export function joinCatalogues(catalogues: readonly Catalogue[], fieldNames: readonly string[]): JoinedCatalogue {
  checkKinds(catalogues);
  const lists = pairedLists(catalogues, fieldNames);
  const sources: Source[] = [];
  const listOf: number[] = [];
  const placed = new PlacedSources();
  let numDuplicates = 0;
  for (const [index, catalogue] of catalogues.entries()) {
    const { field } = lists[index]!;
    const kept =
      field === null ? catalogue.sources.filter((source) => source.field !== null || !placed.has(source)) : catalogue.sources;
    numDuplicates += catalogue.sources.length - kept.length;
    // A source is no duplicate of one in its own list.
    if (field === null) for (const source of kept) if (source.field === null) placed.add(source);
    for (const source of kept) {
      sources.push(field === null || source.field !== null ? source : { ...source, field });
      listOf.push(index);
    }
  }
  const warnings = catalogues.flatMap((catalogue) => catalogue.warnings);
  return { lists, sources, listOf: Uint32Array.from(listOf), numDuplicates, warnings };
}

/** How the lists were paired with fields, in one sentence. */
export function pairingLine({ lists, numDuplicates }: JoinedCatalogue): string {
  const byName = lists.filter(({ field }) => field !== null).length;
  const ways = [
    byName > 0 ? `${byName} paired with their fields by name` : "",
    byName < lists.length ? `${lists.length - byName} placed by sky position` : "",
    numDuplicates > 0 ? `${numDuplicates} sources left out that an earlier list has` : "",
  ];
  return `${lists.length} source lists: ${ways.filter((way) => way !== "").join(", ")}.`;
}

function checkKinds([first, ...others]: readonly Catalogue[]): void {
  const kindOf = ({ columnNames }: Catalogue) => columnNames.map((name) => name.toLowerCase()).join(" ");
  const other = others.find((catalogue) => kindOf(catalogue) !== kindOf(first!));
  if (first === undefined || other === undefined) return;
  throw new Error(
    `${other.name}: expected a list of the same kind as ${first.name}, with the columns ${first.columnNames.join(", ")}, got ${other.columnNames.join(", ")}. Give the lists that one program made in one way.`,
  );
}

function pairedLists(catalogues: readonly Catalogue[], fieldNames: readonly string[]): readonly CatalogueList[] {
  const listOfField = new Map<string, string>();
  return catalogues.map(({ name }) => {
    const field = fieldOfList(name, fieldNames) ?? null;
    const other = field === null ? undefined : listOfField.get(field);
    if (other !== undefined)
      throw new Error(
        `${name}: expected one source list of the field "${field}", but ${other} is called after it too. Leave one out.`,
      );
    if (field !== null) listOfField.set(field, name);
    return { name, field };
  });
}

/** What source finders and packers add to the name of a field's file. */
const LIST_ENDING = /[._-](srl|gaul|pybdsf|pybdsm|cat|catalogue|catalog|comp|isle|fits?|csv|tsv|txt|vot|gz)$/i;

/** The field that a list's file is called after: by the whole of its name, else by the longest field name that it begins with. */
export function fieldOfList(path: string, fieldNames: readonly string[]): string | undefined {
  let stem = path.split(/[/\\]/).at(-1)!;
  const find = fieldFinder(fieldNames);
  for (;;) {
    const shorter = stem.replace(LIST_ENDING, "");
    if (shorter === stem) break;
    stem = shorter;
    // A field's own name may end like a list's.
    const field = find(stem);
    if (field !== undefined) return field;
  }
  const begins = fieldNames.filter((name) => startsWithWord(stem, name));
  return begins.toSorted((a, b) => b.length - a.length)[0];
}

/** "abell-209_rms4" starts with "abell-209", "abell-2091" does not. */
function startsWithWord(stem: string, name: string): boolean {
  if (!stem.toLowerCase().startsWith(name.toLowerCase())) return false;
  return stem.length === name.length || /[^a-z0-9]/i.test(stem[name.length]!);
}

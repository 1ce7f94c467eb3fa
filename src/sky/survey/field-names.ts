// What a field is called: MGCLS's names from its files' names, and one field under the spellings of catalogues and tables.
import { fieldNameOf } from "#sky/fits";

/** A field's name, and the survey that its file's name tells. */
export interface NamedField {
  readonly name: string;
  readonly survey: string | null;
}

/** Files of MGCLS DR1: "Abell_133_aFix_pol_I_Farcsec_5pln_cor", "..._nofix_pol_I_15arcsec_fcube_cor", "Abell_133.APSCal.1pln". */
const MGCLS_FILE = /^((?:Abell|ElGordo|J\d|RXC|MACS|PLCK|Bullet).*?)(?:_(?:a|no)fix_pol_[iquv]_.*|\.apscal\.1pln)$/i;

/** Files of MIGHTEE's releases: "MIGHTEE_Continuum_Early_Science_COSMOS_r-1p2.app.restored.circ". */
const MIGHTEE_FILE = /^MIGHTEE[_-]/i;

/** How a file's name departs from the name of its cluster, in letters and digits alone (Knowles et al. 2022, DR1). */
const MGCLS_EXCEPTIONS: Readonly<Record<string, string>> = {
  elgordo: "El Gordo",
  rxcj1314: "RXC J1314.4-2515",
  rxcj022512928: "RXC J0225.1-2928",
  rxcj0225122928: "RXC J0225.1-2928",
  rxcj2351019: "RXC J2351.0-1954",
  macsj002541222b: "MACS J0025.4-1222",
  macsj041751155: "MACS J0417.5-1154",
  j052893927b: "J0528.9-3927",
};

/**
 * The name of a field from its file: of MGCLS files the cluster's, as its catalogue spells it ("Abell 133", "RXC J0225.1-2928"), of
 * all others the file's name without folder and ending.
 */
export function namedField(path: string): NamedField {
  const stem = fieldNameOf(path);
  const cluster = MGCLS_FILE.exec(stem)?.[1];
  if (cluster !== undefined) return { name: clusterName(cluster), survey: "MGCLS" };
  return { name: stem, survey: MIGHTEE_FILE.test(stem) ? "MIGHTEE" : null };
}

function clusterName(text: string): string {
  const exception = MGCLS_EXCEPTIONS[lettersOf(text)];
  if (exception !== undefined) return exception;
  const plain = text.replaceAll("_", " ").trim();
  // RXCJ0510.7-0801, MACS J0257.6-2209 and MACSJ_0025.4 are of one kind.
  return plain.replace(/^(RXC|MACS|PLCK)\s*([JG])\s*(?=\d)/i, "$1 $2");
}

const lettersOf = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9+]/g, "");

/** What two spellings of one field share: footnote signs, blanks, underscores and cases do not count, nor does a file's ending. */
export function fieldKey(spelling: string): string {
  const { name } = namedField(spelling.trim());
  const letters = lettersOf(name);
  return lettersOf(MGCLS_EXCEPTIONS[letters] ?? name);
}

/** Finds a field among `names` by any spelling: as it stands, else by its key, where only one field has it. */
export function fieldFinder(names: readonly string[]): (spelling: string) => string | undefined {
  const exact = new Set(names);
  const byKey = new Map<string, string | undefined>();
  for (const name of exact) byKey.set(fieldKey(name), byKey.has(fieldKey(name)) ? undefined : name);
  const found = new Map<string, string | undefined>();
  return (spelling) => {
    if (exact.has(spelling)) return spelling;
    if (!found.has(spelling)) found.set(spelling, byKey.get(fieldKey(spelling)));
    return found.get(spelling);
  };
}

// The paper's crop sets (its Table 1), and what an evaluation's crops are called.
import type { EvaluationRecord } from "#learn/tasks";

/** What a record, or a crop set of a report, says of its crops. */
export interface NamedSet {
  readonly cropSetName: string;
  readonly collection?: string;
  readonly surveys?: readonly string[];
}

export type PaperSet = "MGCLS" | "MIGHTEE" | "MIGHTEE_FR" | "MiraBest" | "RadioGalaxyDataset";

const COLLECTIONS: Readonly<Record<string, PaperSet>> = {
  MiraBest: "MiraBest",
  MIGHTEE_FR: "MIGHTEE_FR",
  RadioGalaxyDataset: "RadioGalaxyDataset",
};

/** Which of the paper's sets an evaluation is of: by the collection that its record tells, else the survey, and last the folder's name. */
export function paperSetOf(record: EvaluationRecord): PaperSet | undefined {
  const { collection, surveys = [] } = record;
  if (collection !== undefined) return COLLECTIONS[collection];
  const isCount = record.task === "source-count";
  const survey = surveys.length === 1 ? surveys[0]!.toUpperCase() : undefined;
  if (survey === "MIGHTEE") return isCount ? "MIGHTEE" : "MIGHTEE_FR";
  if (survey === "MGCLS" && isCount) return "MGCLS";
  // FIRST's pictures are MiraBest's and RadioGalaxyDataset's.
  return surveys.length === 0 || survey === "FIRST" ? setOfName(record.cropSetName, isCount) : undefined;
}

function setOfName(name: string, isCount: boolean): PaperSet | undefined {
  if (/mightee/i.test(name)) return isCount ? "MIGHTEE" : "MIGHTEE_FR";
  if (/mgcls/i.test(name) && !/protege/i.test(name)) return isCount ? "MGCLS" : undefined;
  if (/mira.?best/i.test(name)) return "MiraBest";
  return /rgd|radio.?galaxy.?data.?set/i.test(name) ? "RadioGalaxyDataset" : undefined;
}

/** "MiraBest (mb)": the collection or the surveys, and the folder's name where it says something else. */
export function setTitle({ cropSetName, collection, surveys = [] }: NamedSet): string {
  const known = collection ?? surveys.join(" and ");
  if (known === "" || lettersOf(cropSetName).includes(lettersOf(known))) return cropSetName;
  return `${known} (${cropSetName})`;
}

const lettersOf = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

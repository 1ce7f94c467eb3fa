// What a record says of the crops that it was made on.
import type { EmbeddingTable } from "#learn/embeddings";

export interface SetFacts {
  readonly cropSetName: string;
  /** The published set that the crops are, as it is called there; absent for sets of one's own. */
  readonly collection?: string;
  /** Surveys of the crops, in the order of their names; absent where no crop tells one. */
  readonly surveys?: readonly string[];
  /** SHA-256 of the crop set. */
  readonly dataHash: string;
}

export function setFacts({ cropSetName, collection, cropSetSha256, records }: EmbeddingTable): SetFacts {
  const surveys = [...new Set(records.flatMap(({ survey }) => survey ?? []))].toSorted();
  return {
    cropSetName,
    ...(collection === undefined ? {} : { collection }),
    ...(surveys.length === 0 ? {} : { surveys }),
    dataHash: cropSetSha256,
  };
}

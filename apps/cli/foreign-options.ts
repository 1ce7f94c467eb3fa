// How files of embeddings that others made are read: options of every command that takes them.
import type { Command } from "commander";
import type { ForeignChoice } from "#learn/embeddings";
import { isEmbeddingFile } from "#learn/embeddings/disk";
import { UsageError } from "./usage-error.ts";

export interface ForeignFlags {
  readonly columns?: readonly string[];
  readonly idColumn?: string;
  readonly byRow?: boolean;
}

/** What a command's data may be. */
export const DATA_HELP = "crop set folder, or a file of embeddings: embed's own, or anyone's (.parquet, .npy, .csv, .tsv, .fits)";

/** Adds how tables of others are read. */
export function withForeignOptions(command: Command): Command {
  return command
    .option("--columns <names...>", "of tables of others: columns of vectors or numbers, as in embedding or f0..f511")
    .option("--id-column <name>", "of tables of others: the column of the crops' ids (default: id, crop, name, file)")
    .option("--by-row", "of tables of others: rows are the crops in the set's order, and have no ids");
}

/** How tables of others are read. Throws UsageError, naming the command, for two ways at once. */
export function foreignChoice(command: string, { columns, idColumn, byRow = false }: ForeignFlags): ForeignChoice {
  if (byRow && idColumn !== undefined)
    throw new UsageError(`${command}: --by-row: expected no --id-column beside it, got ${idColumn}.`);
  return {
    joinBy: byRow ? "row" : "id",
    ...(columns === undefined ? {} : { columns }),
    ...(idColumn === undefined ? {} : { idColumn }),
  };
}

/** Whether a command's data is a file of embeddings that stands alone. Throws UsageError where --backbone or --embeddings is given beside one. */
export function standsAlone(command: string, data: string, flags: { readonly backbone?: string; readonly embeddings?: unknown }) {
  if (!isEmbeddingFile(data)) return false;
  if (flags.backbone === undefined && flags.embeddings === undefined) return true;
  throw new UsageError(`${command} ${data}: its embeddings are made already: expected neither --backbone nor --embeddings.`);
}

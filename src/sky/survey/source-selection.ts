// Which sources of a crop set are wanted: of the crops of one split, or of all; in every crop that shows them, or in their owner alone.
import type { Source } from "#sky/catalogue";
import type { CropRecord, CropSet } from "./crop-set.ts";
import type { CropSource } from "./crop-source.ts";

/** What is left out counts as chosen. */
export interface SourceSelection {
  /** Only crops of this split. */
  readonly split?: string;
  /** "shown": all that a crop shows; "owned": each source in the crop that counts it alone. Default "shown". */
  readonly keep?: "shown" | "owned";
}

/** A crop with its row in crops.npy. */
export interface ChosenCrop {
  readonly record: CropRecord;
  readonly row: number;
}

type Records = Pick<CropSet, "info" | "records">;

/** The crops of a selection. Throws Error for a split that no crop is of. */
export function chosenCrops({ info, records }: Records, { split }: SourceSelection): readonly ChosenCrop[] {
  const chosen = records.flatMap((record, row) => (split === undefined || record.split === split ? [{ record, row }] : []));
  if (chosen.length > 0 || split === undefined) return chosen;
  throw new Error(`${info.name}: expected crops of the split "${split}", got ${splitsOf(records)}.`);
}

function splitsOf(records: readonly CropRecord[]): string {
  const names = [...new Set(records.flatMap((record) => record.split ?? []))].toSorted();
  return names.length > 0 ? names.join(", ") : 'a set without splits. Draw them with "suricate split"';
}

/** Whether a source of a chosen crop is kept. */
export function isKept({ isOwner }: CropSource, { keep = "shown" }: SourceSelection): boolean {
  return keep === "shown" || isOwner;
}

/**
 * The sources of a selection as a catalogue, each once, however many crops show it, with its owner's field where that is chosen. Throws
 * Error for boxes that were drawn in pictures: they have no position.
 */
export function sourcesOfCrops(set: Records, sources: readonly CropSource[], selection: SourceSelection = {}): readonly Source[] {
  const fieldOf = new Map(chosenCrops(set, selection).map(({ record }) => [record.id, record.field]));
  const found = new Map<string, Source & { readonly isOwner: boolean }>();
  for (const source of sources) {
    const field = fieldOf.get(source.crop);
    if (field === undefined || !isKept(source, selection)) continue;
    const { raDeg, decDeg, source: id, fluxJy, peakFluxJyPerBeam, majorDeg, minorDeg, positionAngleDeg, isOwner } = source;
    if (raDeg === null || decDeg === null)
      throw new Error(
        `${set.info.name}: expected sources with positions, got boxes that were drawn in pictures. They are written as COCO (.json) alone.`,
      );
    const key = JSON.stringify([id, raDeg, decDeg, fluxJy, peakFluxJyPerBeam]);
    const known = { id, raDeg, decDeg, fluxJy, peakFluxJyPerBeam, majorDeg, minorDeg, positionAngleDeg, field, isOwner };
    if (isOwner || !found.has(key)) found.set(key, known);
  }
  return [...found.values()].map(({ isOwner: _, ...source }) => source);
}

// A crop set of many fields on its way: crops and journal in a folder that outlives the process, until the set is whole.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { continueFolderAtomically, type Durability, NpyAppender } from "#base/files/disk";
import { FitsError } from "#sky/fits";
import type { KeepShown, ShownNumbers } from "../source-ledger.ts";
import { type FieldJournal, type FileStamp, type FinishedField, openJournal } from "./field-journal.ts";
import { ShownFile } from "./shown-file.ts";
import { CROPS_FILE, type CropSetTarget, checkTarget, type PartedContent, writeTables } from "./write-crop-set.ts";

/** What a draft is of. `key` tells how the fields are cut, in every particular. */
export interface DraftTarget extends CropSetTarget {
  readonly key: string;
  readonly paths: readonly string[];
}

/** An open draft. */
export interface CropSetDraft {
  /** The first fields of the target's: their crops are written already. */
  readonly finished: readonly FinishedField[];
  readonly append: (pixels: Float32Array) => void;
  /** To be called for every field once, in their order, also for those that are finished. */
  readonly keepShown: KeepShown;
  /** What was kept of the field of this index. */
  readonly shownIn: (field: number) => ShownNumbers;
  /** The crops appended since the last field are those of the field that was read from this file. */
  finishField(stamp: FileStamp, finished: FinishedField): Promise<void>;
}

const JOURNAL_FILE = "fields.jsonl";
const SHOWN_FILE = "shown.float64";

/**
 * Writes a crop set field by field; `fill` cuts those that no earlier process has finished, and returns what is known of all.
 * A process that is killed, or that meets a file which cannot be read, leaves a draft (`.NAME.unfinished`) for the next one; every
 * other error leaves nothing. Throws as `writeCropSet`.
 */
export async function draftCropSet<Content extends PartedContent>(
  target: DraftTarget,
  fill: (draft: CropSetDraft) => Promise<Content>,
): Promise<Content> {
  const { out, storedSize, durability = "fsync" } = target;
  checkTarget(target);
  let numFinished = 0;
  return continueFolderAtomically(out, {
    durability,
    isKept: (error) => numFinished > 0 && error instanceof FitsError,
    fill: async (folder) => {
      const { journal, crops } = openDraft(folder, target, durability);
      const shown = new ShownFile(join(folder, SHOWN_FILE));
      numFinished = journal.finished.length;
      try {
        const content = await fill({
          finished: journal.finished,
          append: (pixels) => crops.append(pixels),
          keepShown: (numbers) => shown.add(numbers),
          shownIn: (field) => shown.read(field),
          finishField: async (stamp, finished) => {
            // The journal may not know of crops that a power cut would take.
            if (durability === "fsync") await crops.sync();
            journal.add(stamp, finished);
            numFinished += 1;
          },
        });
        await writeTables(folder, content, { numCrops: crops.numRows, storedSize, durability });
        await crops.finish(durability);
        rmSync(join(folder, JOURNAL_FILE));
        shown.remove();
        return content;
      } catch (error) {
        crops.close();
        shown.remove();
        throw error;
      }
    },
  });
}

interface OpenDraft {
  readonly journal: FieldJournal;
  readonly crops: NpyAppender<"float32">;
}

function openDraft(folder: string, { key, paths, storedSize }: DraftTarget, durability: Durability): OpenDraft {
  const [journalFile, cropsFile] = [join(folder, JOURNAL_FILE), join(folder, CROPS_FILE)];
  const form = { dtype: "float32", rowShape: [storedSize, storedSize] } as const;
  const journal = openJournal(journalFile, key, paths, durability);
  const numRows = journal.finished.reduce((sum, { cuttings }) => sum + cuttings.places.length, 0);
  try {
    return { journal, crops: new NpyAppender(cropsFile, form, numRows) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Fewer crops than the journal tells of: somebody was here.
    rmSync(journalFile);
    return { journal: openJournal(journalFile, key, paths, durability), crops: new NpyAppender(cropsFile, form, 0) };
  }
}

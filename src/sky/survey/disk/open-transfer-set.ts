// Opens two crop sets to train on the one and test on the other.
import { sha256Of } from "#base/files/disk";
import type { CropSet } from "../crop-set.ts";
import { transferSet } from "../transfer-set.ts";
import { openCropSet } from "./open-crop-set.ts";

/** The crop set in a folder; with `testFolder`, the two as `transferSet`. Throws as both functions do. */
export async function openTransferSet(folder: string, testFolder: string | undefined): Promise<CropSet> {
  const train = await openCropSet(folder);
  if (testFolder === undefined) return train;
  try {
    const test = await openCropSet(testFolder);
    try {
      return transferSet(train, test, sha256Of(JSON.stringify({ train: train.sha256, test: test.sha256 })));
    } catch (error) {
      test.close();
      throw error;
    }
  } catch (error) {
    train.close();
    throw error;
  }
}

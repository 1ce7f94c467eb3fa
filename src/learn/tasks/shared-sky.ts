// Fields that overlap on the sky: what a test crop of one shows, a training crop of another may not.
import { type CropRecord, rowsSharingSky } from "#sky/survey";
import { checkFolds, type Split } from "./splits.ts";

/**
 * A split without the training crops that show sky which a test crop of another field shows; they are counted in its notes. How far crops
 * of one field may share pixels is the split's own affair. Throws RangeError, as `splitRows`, where too few are left.
 */
export function withoutSharedSky(split: Split, records: readonly CropRecord[]): Split {
  let numLeftOut = 0;
  const folds = split.folds.map((fold) => {
    const sharing = new Set(rowsSharingSky(records, { candidates: fold.train, others: fold.test }));
    numLeftOut += sharing.size;
    return { ...fold, train: fold.train.filter((row) => !sharing.has(row)) };
  });
  if (numLeftOut === 0) return split;
  checkFolds(split.name, folds);
  const over = folds.length > 1 ? ` over ${folds.length} folds` : "";
  const note = `${numLeftOut} training crops${over} are left out: they show sky that a test crop of another field shows.`;
  return { ...split, folds, notes: [...split.notes, note] };
}

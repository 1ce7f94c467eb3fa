// Mean and spread of what a backbone is shown, measured on the crops that it trains on.
import { contrastStretch } from "#base/image";
import type { CropSet } from "#sky/survey";

/**
 * Mean and standard deviation of the contrast-stretched pixels of some crops, for a backbone that standardises its input.
 * Radio crops are dark: unstandardised, an untrained transformer sees mostly its own biases and tells crops hardly apart.
 * Throws RangeError where all pixels are the same.
 */
export function inputStatistics(
  cropSet: CropSet,
  rows: readonly number[],
): { readonly inputMean: number; readonly inputStd: number } {
  const { storedSize } = cropSet.info;
  let sum = 0;
  let squares = 0;
  for (const row of rows) {
    const stored = { height: storedSize, width: storedSize, pixels: cropSet.pixelsOf(row) };
    for (const value of contrastStretch(stored, cropSet.records[row]!).pixels) {
      sum += value;
      squares += value * value;
    }
  }
  const numPixels = rows.length * storedSize * storedSize;
  const inputMean = sum / numPixels;
  const inputStd = Math.sqrt(squares / numPixels - inputMean * inputMean);
  if (inputStd > 0) return { inputMean, inputStd };
  throw new RangeError(
    `crop set ${cropSet.info.name}: expected pixels that differ, got ${inputMean} everywhere. Its flux limits do not fit.`,
  );
}

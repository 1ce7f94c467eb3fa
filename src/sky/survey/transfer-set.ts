// Two crop sets as one whose split is between them: trained on one telescope, survey or simulation, tested on another.
import type { CropSet, CropSetInfo } from "./crop-set.ts";

/**
 * Every crop of `train` trains and every crop of `test` is tested, whatever their own splits. `sha256` is the pair's. Throws RangeError
 * for sets whose crops differ in size. Closing it closes both.
 */
export function transferSet(train: CropSet, test: CropSet, sha256: string): CropSet {
  const sizesOf = ({ info: { cropSize, storedSize } }: CropSet) => `${cropSize} (stored ${storedSize})`;
  if (sizesOf(train) !== sizesOf(test)) {
    throw new RangeError(
      `--test ${test.info.name}: expected crops of ${sizesOf(train)} pixels as in ${train.info.name}, got ${sizesOf(test)}. Make one of the sets anew with another --size.`,
    );
  }
  const numTrain = train.records.length;
  return {
    info: pairInfo(train.info, test.info),
    records: [
      ...train.records.map((record) => ({ ...record, split: record.split === "valid" ? "valid" : "train" })),
      ...test.records.map((record) => ({ ...record, split: "test" })),
    ],
    sha256,
    madeOf: [train, test],
    pixelsOf: (index) => (index < numTrain ? train.pixelsOf(index) : test.pixelsOf(index - numTrain)),
    close: () => {
      train.close();
      test.close();
    },
  };
}

/** A pair is no set that somebody published, whatever its two sets are. */
function pairInfo(train: CropSetInfo, test: CropSetInfo): CropSetInfo {
  const called = ({ collection, name }: CropSetInfo) => collection ?? name;
  return {
    ...train,
    name: `${train.name} to ${test.name}`,
    collection: `${called(train)} to ${called(test)}`,
    fields: [...train.fields, ...test.fields],
  };
}

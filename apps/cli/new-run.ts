// A run folder for a training that begins: what it was made from, and the rows that its backbone will have seen.
import { checkTraining, type DinoConfig } from "#learn/dino";
import { createRun, type Run } from "#learn/runs/disk";
import type { CropSet } from "#sky/survey";
import { versions } from "./versions.ts";

/** What config.yaml calls the crop set among its inputs. */
export const CROP_SET_INPUT = "crop set";

/** Makes the run folder. Throws ConfigError, before anything is written, where the crop set and the settings do not fit. */
export function newRun(out: string, cropSet: CropSet, config: DinoConfig): Run {
  const { rows } = checkTraining(cropSet, config);
  const info = {
    versions: versions(),
    seed: config.seed,
    inputs: [{ name: CROP_SET_INPUT, sha256: cropSet.sha256 }],
    cropSet: cropSetFacts(cropSet),
    keep: keepingPolicy(config),
    config,
  };
  const ids = rows.map((index) => cropSet.records[index]!.id);
  return createRun(out, info, { seenRows: [{ cropSetName: cropSet.info.name, cropSetSha256: cropSet.sha256, ids }] });
}

/** What a run remembers of its crop set, for whoever gets the backbone alone. */
function cropSetFacts({ info, records }: CropSet): Run["info"]["cropSet"] {
  const { name, cropSize, fluxUnit, tiling, lowPercentile, highPercentile, fields } = info;
  return { name, crops: records.length, fields: fields.length, cropSize, fluxUnit, tiling, lowPercentile, highPercentile };
}

/** Which checkpoints the run folder keeps. */
export function keepingPolicy({ checkpoints }: DinoConfig): Run["info"]["keep"] {
  return { last: checkpoints.keepLast, every: checkpoints.keepEvery };
}

// Evaluations as single scores: of which backbone, and where the paper has a place for them.
import type { EvaluationRecord } from "#learn/tasks";
import { classMeasures, finetuneMeasures } from "./class-measures.ts";
import { countMeasures } from "./count-measures.ts";
import { anomalyMeasures, ckaMeasures, shiftMeasures, similarityMeasures } from "./exploring-measures.ts";
import { headline } from "./measure-builders.ts";
import type { Measure } from "./scores.ts";

/** Every measure of an evaluation that tables show, the headline first. */
export function measuresOf(record: EvaluationRecord): readonly Measure[] {
  switch (record.task) {
    case "source-count":
      return countMeasures(record);
    case "fr":
    case "four-class":
    case "knn":
      return classMeasures(record);
    case "finetune":
      return finetuneMeasures(record);
    case "few-labels":
      return [headline(record, `error with ${record.points[0]?.numLabels ?? 0} labels`)];
    case "similarity":
      return similarityMeasures(record);
    case "anomaly":
      return anomalyMeasures(record);
    case "shift":
      return shiftMeasures(record);
    case "cka":
      return ckaMeasures(record);
  }
}

// What records of similarity, anomaly, shift and CKA say.
import { backboneTitle } from "./backbone-names.ts";
import { setTitle } from "./known-sets.ts";
import { further, headline, type RecordOf } from "./measure-builders.ts";
import type { Measure } from "./scores.ts";
import { scoresOf } from "./seed-families.ts";

export function similarityMeasures(record: RecordOf<"similarity">): readonly Measure[] {
  const all = [record, ...record.floors];
  const [first, ...sizes] = (record.precision ?? []).map(({ k }) => k);
  const atSize = (size: number) =>
    all.flatMap(({ backbone, precision }) => precision.filter(({ k }) => k === size).map((one) => ({ backbone, ...one })));
  return [
    headline(record, `precision at ${first ?? 1}`),
    ...sizes.flatMap((size) => further(record, `precision at ${size}`, atSize(size))),
  ];
}

export function anomalyMeasures(record: RecordOf<"anomaly">): readonly Measure[] {
  const all = [record, ...record.floors];
  const names = [...new Set(all.flatMap(({ scorers }) => scorers.map(({ name }) => name)))];
  const byScorer = (name: string, of: "rocAuc" | "rankCorrelation") =>
    all.flatMap(({ backbone, scorers }) => scorers.filter((one) => one.name === name).map((one) => ({ backbone, ...one[of] })));
  const words = (name: string) => name.replace("-", " ");
  const [first, ...others] = names;
  return [
    headline(record, `area under the ROC${first === undefined ? "" : `, ${words(first)}`}`),
    ...others.flatMap((name) => further(record, `area under the ROC, ${words(name)}`, byScorer(name, "rocAuc"))),
    ...(first === undefined ? [] : further(record, "rank correlation with interest", byScorer(first, "rankCorrelation"))),
  ];
}

export function shiftMeasures(record: RecordOf<"shift">): readonly Measure[] {
  const all = [record, ...record.floors];
  const withoutShift = all.map(
    ({
      backbone,
      frechetDistance: {
        withoutShift: { mean, interval },
      },
    }) => ({ backbone, value: mean, interval }),
  );
  return [
    headline(record, "Fréchet distance"),
    ...further(record, "the same without a shift", withoutShift),
    ...further(
      record,
      "mean discrepancy, squared",
      all.map(({ backbone, meanDiscrepancy }) => ({ backbone, ...meanDiscrepancy })),
    ),
  ];
}

export function ckaMeasures(record: RecordOf<"cka">): readonly Measure[] {
  const shuffled = record.floors.map(({ name, value, interval }) => ({
    title: `crops ${name}`,
    origin: "floor" as const,
    value,
    interval,
  }));
  const heading = `linear CKA with ${backboneTitle(record.otherBackbone)}`;
  const scores = [...scoresOf([record], record, "headline"), ...shuffled];
  return [{ column: undefined, heading, name: `${heading}, ${setTitle(record)}`, scores }];
}

// Backbones that differ in their seed alone, as one row of a table.
import type { EvaluationRecord, SeedSpread } from "#learn/tasks";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import type { Interval, Score } from "./scores.ts";

export interface BackboneEstimate {
  readonly backbone: string;
  readonly value: number | null;
  readonly interval: Interval | null;
}

/**
 * Scores by backbone, an untrained network's seeds in one: of the headline with an interval over rows and seeds where the record
 * has one, of further measures their mean alone. Replicas of the record's own backbone get a row for all beside their own.
 */
export function scoresOf(
  estimates: readonly BackboneEstimate[],
  record: EvaluationRecord,
  measure: "headline" | "further",
): readonly Score[] {
  const spreads = spreadsOf(record);
  const families = untrainedFamilies(estimates);
  const familyOf = (backbone: string) => families.find(({ backbones }) => backbones.includes(backbone));
  const rows = estimates.flatMap((estimate): Score[] => {
    const family = familyOf(estimate.backbone);
    if (family === undefined) return [scoreOf(estimate)];
    if (family.backbones[0] !== estimate.backbone) return [];
    const values = estimates
      .filter(({ backbone }) => family.backbones.includes(backbone))
      .map(({ value }) => value ?? Number.NaN);
    const spread = measure === "headline" ? spreads.find(({ name }) => name === family.name) : undefined;
    const value = spread?.value ?? values.reduce((sum, one) => sum + one, 0) / values.length;
    return [{ title: familyTitle(family), origin: "floor", value, interval: spread?.interval ?? null }];
  });
  const replicas = measure === "headline" ? spreads.find(({ backbones }) => isReplicated(record, backbones)) : undefined;
  if (replicas === undefined) return rows;
  const { value, interval } = replicas;
  return [
    { title: replicaTitle(record, replicas), origin: isFloorName(record.backbone) ? "floor" : "ours", value, interval },
    ...rows,
  ];
}

/** The record's backbone less a row of its table, where rows and seeds were drawn in pairs. */
export function familyDifference(record: EvaluationRecord, title: string): SeedSpread["difference"] {
  return spreadsOf(record).find((spread) => familyTitle(spread) === title)?.difference ?? null;
}

function spreadsOf(record: EvaluationRecord): readonly SeedSpread[] {
  return ("pretrainingSeeds" in record ? record.pretrainingSeeds : undefined) ?? [];
}

interface Family {
  /** Without its seeds. */
  readonly name: string;
  readonly backbones: readonly string[];
}

const UNTRAINED = /^(random:.+):\d+$/;

function untrainedFamilies(estimates: readonly BackboneEstimate[]): readonly Family[] {
  const named = estimates.slice(1).flatMap(({ backbone }) => {
    const name = UNTRAINED.exec(backbone)?.[1];
    return name === undefined ? [] : [{ name, backbone }];
  });
  const names = [...new Set(named.map(({ name }) => name))];
  return names
    .map((name) => ({ name, backbones: named.filter((one) => one.name === name).map(({ backbone }) => backbone) }))
    .filter(({ backbones }) => backbones.length > 1);
}

function familyTitle({ name, backbones }: Family): string {
  return backboneTitle(name).replace(/ \(seed \d+\)$/, ` (${backbones.length} seeds)`);
}

function isReplicated({ backbone }: EvaluationRecord, backbones: readonly string[]): boolean {
  return backbones.length > 1 && backbones[0] === backbone && !UNTRAINED.test(backbone);
}

function replicaTitle({ backbone }: EvaluationRecord, { backbones }: Family): string {
  return `${backboneTitle(backbone)} (${backbones.length} seeds of pre-training)`;
}

function scoreOf({ backbone, value, interval }: BackboneEstimate): Score {
  return {
    title: backboneTitle(backbone),
    origin: isFloorName(backbone) ? "floor" : "ours",
    value: value ?? Number.NaN,
    interval,
  };
}

// Several ways to evaluate the same tables in one go: choices of --protocol, --pca and --dqf, and the one record that holds them.
import type { PcaChoice, Protocol } from "#learn/tasks";
import { type ProtocolChoice, protocolsOf } from "./protocol-option.ts";
import type { QualityChoice } from "./row-choices.ts";

export interface VariantFlags {
  readonly protocol?: ProtocolChoice;
  readonly pca?: readonly PcaChoice[];
  readonly dqf: readonly QualityChoice[];
}

/** One way. */
export interface Variant {
  readonly protocol: Protocol;
  readonly pca: PcaChoice;
  readonly dataQualityFlags: QualityChoice;
}

/** The first of each choice first; the published code's fitting after the paper's. */
export function variantsOf({ protocol = "paper", pca = ["auto"], dqf }: VariantFlags): Variant[] {
  const protocols = protocolsOf(protocol);
  return dqf.flatMap((dataQualityFlags) =>
    pca.flatMap((choice) => protocols.map((one) => ({ protocol: one, pca: choice, dataQualityFlags }))),
  );
}

interface Varied<R> {
  readonly protocol: Protocol;
  readonly audit?: R;
  readonly variants?: readonly R[];
}

/** One record: the first, with its audit and further variants inside. An audit follows the record that it audits. */
export function joinedVariants<R extends Varied<R>>(records: readonly R[]): R {
  const audited = records.flatMap((record, index) => {
    const before = records[index - 1];
    const after = records[index + 1];
    if (isAuditOf(record, before)) return [];
    return [after !== undefined && isAuditOf(after, record) ? { ...record, audit: after } : record];
  });
  const [first, ...variants] = audited as [R, ...R[]]; // choices are never none
  return variants.length === 0 ? first : { ...first, variants };
}

/** The record, its audit, its variants and theirs, in the order in which they were made. */
export function allVariants<R extends Varied<R>>(record: R): R[] {
  return [record, ...(record.variants ?? [])].flatMap((one) => (one.audit ? [one, one.audit] : [one]));
}

function isAuditOf<R extends Varied<R>>(record: R, other: R | undefined): boolean {
  return record.protocol === "mgcls-dino-asis" && other?.protocol === "paper";
}

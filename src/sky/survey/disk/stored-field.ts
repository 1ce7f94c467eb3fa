// A field's description as plain records: for the journal, and for messages between threads.
import { type Beam, type Card, fitsHeader, wcsOf } from "#sky/fits";
import type { FieldHeading } from "../cut-field.ts";

/** A heading without functions: those of the WCS and the header are made again of the cards. */
export type StoredHeading = Omit<FieldHeading, "wcs" | "header" | "beam" | "pixelScaleDeg"> & {
  readonly cards: readonly Card[];
  readonly beam: Beam | null;
  readonly pixelScaleDeg: number | null;
};

/** As plain records; what a heading has beyond its own keys stays as it is. */
export function storedHeading<Heading extends FieldHeading>({ wcs: _, header, beam, pixelScaleDeg, ...rest }: Heading) {
  return { ...rest, cards: header.cards, beam: beam ?? null, pixelScaleDeg: pixelScaleDeg ?? null };
}

/** The inverse of `storedHeading`. */
export function restoredHeading<Stored extends StoredHeading>({ cards, beam, pixelScaleDeg, ...rest }: Stored) {
  const header = fitsHeader(cards);
  const wcs = wcsOf(header);
  return {
    ...rest,
    header,
    ...(wcs ? { wcs } : {}),
    ...(beam ? { beam } : {}),
    ...(pixelScaleDeg === null ? {} : { pixelScaleDeg }),
  };
}

// The header that a tile-compressed image had before: Z-keywords back to their own names (FITS standard 4.0, section 10.1).
import type { Card } from "../card.ts";
import { type FitsHeader, fitsHeader } from "../header.ts";
import { codingWarnings } from "./tile-coding.ts";

/** Keywords that describe the table or the compression, not the image. */
const OF_THE_TABLE =
  /^(XTENSION|SIMPLE|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|(TTYPE|TFORM|TUNIT|TDIM|TNULL|TSCAL|TZERO|TDISP)\d+|CHECKSUM|DATASUM|ZIMAGE|ZTILE\d+|ZCMPTYPE|ZNAME\d+|ZVAL\d+|ZMASKCMP|ZQUANTIZ|ZDITHER0|ZSCALE|ZZERO|ZBLANK)$/;

const STRUCTURE = /^Z(BITPIX|NAXIS\d*)$/;
const ORIGINAL: Readonly<Record<string, string>> = {
  ZSIMPLE: "SIMPLE",
  ZEXTEND: "EXTEND",
  ZBLOCKED: "BLOCKED",
  ZTENSION: "XTENSION",
  ZPCOUNT: "PCOUNT",
  ZGCOUNT: "GCOUNT",
  ZHECKSUM: "CHECKSUM",
  ZDATASUM: "DATASUM",
};

/** The image's own header, with the length and the warnings of the table's, and those of how it is coded. */
export function imageHeaderOf(header: FitsHeader): FitsHeader {
  const cards = header.cards.flatMap((card): readonly Card[] => {
    if (OF_THE_TABLE.test(card.keyword)) return [];
    if (card.keyword === "EXTNAME" && card.value === "COMPRESSED_IMAGE") return [];
    const structure = STRUCTURE.exec(card.keyword)?.[1];
    return [{ ...card, keyword: structure ?? ORIGINAL[card.keyword] ?? card.keyword }];
  });
  return fitsHeader(cards, [...header.warnings, ...codingWarnings(header)], header.byteLength);
}

// Sources as a VOTable (IVOA 1.4, TABLEDATA), as TOPCAT and astropy read it.
import type { Source } from "./catalogue.ts";

interface VoField {
  readonly attributes: string;
  readonly cell: (source: Source) => string | number | null | undefined;
}

const text = (name: string, ucd: string) => `name="${name}" datatype="unicodeChar" arraysize="*" ucd="${ucd}"`;
const number = (name: string, unit: string, ucd: string) => `name="${name}" datatype="double" unit="${unit}" ucd="${ucd}"`;

const FIELDS: readonly VoField[] = [
  { attributes: text("id", "meta.id;meta.main"), cell: ({ id }) => id },
  { attributes: text("field", "meta.id;obs.field"), cell: ({ field }) => field },
  { attributes: number("ra", "deg", "pos.eq.ra;meta.main"), cell: ({ raDeg }) => raDeg },
  { attributes: number("dec", "deg", "pos.eq.dec;meta.main"), cell: ({ decDeg }) => decDeg },
  { attributes: number("total_flux", "Jy", "phot.flux.density;em.radio"), cell: ({ fluxJy }) => fluxJy },
  {
    attributes: number("peak_flux", "Jy/beam", "phot.flux.density;stat.max;em.radio"),
    cell: ({ peakFluxJyPerBeam }) => peakFluxJyPerBeam,
  },
  { attributes: number("maj", "deg", "phys.angSize.smajAxis"), cell: ({ majorDeg }) => majorDeg },
  { attributes: number("min", "deg", "phys.angSize.sminAxis"), cell: ({ minorDeg }) => minorDeg },
  { attributes: number("pa", "deg", "pos.posAng"), cell: ({ positionAngleDeg }) => positionAngleDeg },
  { attributes: text("s_code", "meta.code"), cell: ({ sourceCode }) => sourceCode },
];

/** A VOTable of one table. What is not known is an empty cell, which for numbers is NaN (VOTable 1.4, section 6). */
export function formatVotable(sources: readonly Source[]): string {
  const rows = sources.map((source) => `<TR>${FIELDS.map(({ cell }) => `<TD>${escapeXml(cell(source))}</TD>`).join("")}</TR>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">',
    '<RESOURCE type="results"><TABLE name="sources">',
    ...FIELDS.map(({ attributes }) => `<FIELD ${attributes}/>`),
    "<DATA><TABLEDATA>",
    ...rows,
    "</TABLEDATA></DATA>",
    "</TABLE></RESOURCE>",
    "</VOTABLE>",
    "",
  ].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Characters that XML 1.0 cannot hold are left out. */
function escapeXml(cell: string | number | null | undefined): string {
  const kept = [...String(cell ?? "")].filter((character) => character >= " " || "\t\n\r".includes(character)).join("");
  return kept.replace(/[&<>]/g, (sign) => ENTITIES[sign]!);
}

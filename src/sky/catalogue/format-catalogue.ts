// Sources to text: CSV with units in the headings, and PyBDSF's source list.
import type { Source } from "./catalogue.ts";

interface CsvColumn {
  readonly heading: string;
  readonly cell: (source: Source) => string | number | null;
}

const codeColumn = (heading: string): CsvColumn => ({ heading, cell: ({ sourceCode }) => sourceCode ?? null });

/** The columns, and one for S_Code where a source has one. */
function withCodes(columns: readonly CsvColumn[], heading: string, sources: readonly Source[]): readonly CsvColumn[] {
  const hasCodes = sources.some(({ sourceCode }) => sourceCode !== undefined);
  return hasCodes ? [...columns, codeColumn(heading)] : columns;
}

const CSV_COLUMNS: readonly CsvColumn[] = [
  { heading: "id", cell: (source) => source.id },
  { heading: "field", cell: (source) => source.field },
  { heading: "ra_deg", cell: (source) => source.raDeg },
  { heading: "dec_deg", cell: (source) => source.decDeg },
  { heading: "total_flux_jy", cell: (source) => source.fluxJy },
  { heading: "peak_flux_jy_per_beam", cell: (source) => source.peakFluxJyPerBeam },
  { heading: "maj_deg", cell: (source) => source.majorDeg },
  { heading: "min_deg", cell: (source) => source.minorDeg },
  { heading: "pa_deg", cell: (source) => source.positionAngleDeg },
];

/** CSV that `parseCatalogue` reads back without loss; null is an empty cell. Codes have a column where a source has one. */
export function formatCatalogueCsv(sources: readonly Source[]): string {
  const columns = withCodes(CSV_COLUMNS, "s_code", sources);
  const lines = sources.map((source) => columns.map(({ cell }) => csvCell(cell(source))).join(","));
  return `${[columns.map(({ heading }) => heading).join(","), ...lines].join("\n")}\n`;
}

function csvCell(value: string | number | null): string {
  if (value === null) return "";
  const text = String(value);
  return typeof value === "string" && /[",\r\n]|^\s|\s$|^#/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Columns as PyBDSF names and orders them, of those that a Source has. */
const SRL_COLUMNS: readonly CsvColumn[] = [
  { heading: "RA", cell: (source) => source.raDeg },
  { heading: "DEC", cell: (source) => source.decDeg },
  { heading: "Total_flux", cell: (source) => source.fluxJy },
  { heading: "Peak_flux", cell: (source) => source.peakFluxJyPerBeam },
  { heading: "Maj", cell: (source) => source.majorDeg },
  { heading: "Min", cell: (source) => source.minorDeg },
  { heading: "PA", cell: (source) => source.positionAngleDeg },
];

/**
 * A source list in the manner of PyBDSF's srl text: degrees and Jy with 14 decimals, numbered from 0 in order, null as nan; S_Code
 * where a source has one, so that `--single-gaussian` can be asked of it.
 * PyBDSF's columns that a Source does not have (errors, deconvolved sizes, island sums) are left out.
 */
export function formatPybdsfSrl(
  sources: readonly Source[],
  image: { readonly name: string; readonly frequencyHz: number },
): string {
  const columns = withCodes(SRL_COLUMNS, "S_Code", sources);
  const head = [
    `# Source list for ${image.name}`,
    "# Written by Suricate in the manner of PyBDSF",
    `# Reference frequency of the detection ("ch0") image: ${formatFrequency(image.frequencyHz)} Hz`,
    "# Equinox : 2000.0 ",
    "",
    `# Source_id ${columns.map(({ heading }) => heading).join(" ")}`,
  ];
  const rows = sources.map((source, index) => {
    const cells = columns.map(({ cell }) => {
      const value = cell(source);
      return typeof value === "number" ? value.toFixed(14) : (value ?? "nan");
    });
    return `${String(index).padStart(4)} ${cells.join(" ")}`;
  });
  return `${[...head, ...rows].join("\n")}\n`;
}

/** As C's %.5e writes it: 1.28000e+09. */
function formatFrequency(hertz: number): string {
  return hertz.toExponential(5).replace(/e([+-])(\d)$/, "e$10$2");
}

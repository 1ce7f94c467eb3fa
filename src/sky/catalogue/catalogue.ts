// A source catalogue, whatever program wrote it.

/** One source. What a catalogue does not say is null. */
export interface Source {
  readonly id: string | null;
  /** RA in [0, 360), Dec in [-90, 90], in the catalogue's own frame. */
  readonly raDeg: number;
  readonly decDeg: number;
  /** Integrated flux density. */
  readonly fluxJy: number | null;
  readonly peakFluxJyPerBeam: number | null;
  /** Full widths at half maximum, and position angle from north through east. */
  readonly majorDeg: number | null;
  readonly minorDeg: number | null;
  readonly positionAngleDeg: number | null;
  /** The field image that the source was found in, for catalogues of several fields. */
  readonly field: string | null;
  /** PyBDSF's S_Code: "S" one Gaussian alone in its island, "C" one beside others, "M" several. Absent where there is no such column. */
  readonly sourceCode?: string | null;
}

/** The sources of a table, in its order. */
export interface ParsedCatalogue {
  /** The file, as messages name it. */
  readonly name: string;
  readonly sources: readonly Source[];
  /** The columns that were read, as the table heads them. */
  readonly columnNames: readonly string[];
  /** What was left out, one sentence each: columns whose unit is not known. */
  readonly warnings: readonly string[];
}

/** A catalogue read from a file. */
export interface Catalogue extends ParsedCatalogue {
  /** SHA-256 (hex) of the file. */
  readonly sha256: string;
}

// The quantities of a source that a catalogue may have a column of.

/** What Suricate reads from a catalogue. */
export const QUANTITIES = [
  "id",
  "field",
  "ra",
  "dec",
  "flux",
  "peakFlux",
  "major",
  "minor",
  "positionAngle",
  "sourceCode",
] as const;
export type Quantity = (typeof QUANTITIES)[number];

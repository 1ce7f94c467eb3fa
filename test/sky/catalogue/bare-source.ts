// A source of which a catalogue says nothing.
import type { Source } from "#sky/catalogue";

/** At RA 0 and Dec 0. */
export const BARE_SOURCE: Source = {
  id: null,
  raDeg: 0,
  decDeg: 0,
  fluxJy: null,
  peakFluxJyPerBeam: null,
  majorDeg: null,
  minorDeg: null,
  positionAngleDeg: null,
  field: null,
};

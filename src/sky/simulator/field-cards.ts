// The FITS header of a simulated field: MGCLS's in form (Obit's cards), and plainly marked as simulated.
import type { Card } from "#sky/fits";
import type { RestoringBeam } from "#sky/instrument";
import type { SkyConfig } from "./field-config.ts";
import type { FieldFacts } from "./field-facts.ts";

/** What the header says beyond the configuration and the field's facts. */
export interface ObservedFacts {
  readonly beam: RestoringBeam;
  readonly rippleRmsJyPerBeam: number;
}

/** Raised whenever the same seed begins to give other bytes. */
export const SIMULATOR_VERSION = 2;

/** All cards after the structural ones (SIMPLE, BITPIX, NAXIS...), which the writer of the file adds. */
export function fieldCards(config: SkyConfig, facts: FieldFacts, observed: ObservedFacts): readonly Card[] {
  return [
    { keyword: "OBJECT", value: facts.name },
    { keyword: "TELESCOP", value: "MeerKAT" },
    { keyword: "INSTRUME", value: "MeerKAT" },
    { keyword: "OBSERVER", value: "simulator" },
    { keyword: "DATE-OBS", value: "2018-01-01" },
    { keyword: "BUNIT", value: "JY/BEAM" },
    { keyword: "EQUINOX", value: 2000 },
    { keyword: "RADESYS", value: "FK5" },
    ...axisCards(config, facts),
    { keyword: "BMAJ", value: observed.beam.majorDeg, comment: "[deg] FWHM" },
    { keyword: "BMIN", value: observed.beam.minorDeg, comment: "[deg] FWHM" },
    { keyword: "BPA", value: observed.beam.positionAngleDeg, comment: "[deg] north through east" },
    { keyword: "NTERM", value: config.numPlanes === 5 ? 2 : 1, comment: "terms of the spectrum" },
    ...simulatorCards(config, facts, observed),
    { keyword: "HISTORY", value: "SIMULATED by Suricate, not MGCLS. This is no telescope's data." },
  ];
}

function axisCards(config: SkyConfig, { centre }: FieldFacts): readonly Card[] {
  const centrePixel = (config.fieldSize + 1) / 2;
  return [
    { keyword: "WCSAXES", value: 4 },
    { keyword: "CTYPE1", value: "RA---SIN" },
    { keyword: "CRVAL1", value: centre.raDeg },
    { keyword: "CDELT1", value: -config.pixelScaleDeg },
    { keyword: "CRPIX1", value: centrePixel },
    { keyword: "CROTA1", value: 0 },
    { keyword: "CUNIT1", value: "deg" },
    { keyword: "CTYPE2", value: "DEC--SIN" },
    { keyword: "CRVAL2", value: centre.decDeg },
    { keyword: "CDELT2", value: config.pixelScaleDeg },
    { keyword: "CRPIX2", value: centrePixel },
    { keyword: "CROTA2", value: 0 },
    { keyword: "CUNIT2", value: "deg" },
    { keyword: "CTYPE3", value: "SPECLNMF", comment: "planes of a fitted spectrum (Obit)" },
    { keyword: "CRVAL3", value: config.frequencyHz },
    { keyword: "CDELT3", value: 1 },
    { keyword: "CRPIX3", value: 1 },
    { keyword: "CTYPE4", value: "STOKES" },
    { keyword: "CRVAL4", value: 1 },
    { keyword: "CDELT4", value: 1 },
    { keyword: "CRPIX4", value: 1 },
  ];
}

function simulatorCards(config: SkyConfig, facts: FieldFacts, { rippleRmsJyPerBeam }: ObservedFacts): readonly Card[] {
  return [
    { keyword: "SIMSEED", value: facts.seed },
    { keyword: "SIMFIELD", value: facts.fieldIndex },
    { keyword: "SIMVER", value: SIMULATOR_VERSION },
    { keyword: "DQF", value: facts.dataQualityFlag, comment: "data quality flag, 0 good to 3 ripples" },
    { keyword: "SIGTH", value: facts.noiseJyPerBeam, comment: "[Jy/beam] thermal noise on axis" },
    { keyword: "RIPPLE", value: rippleRmsJyPerBeam, comment: "[Jy/beam] rms of ripples" },
    { keyword: "ROBUST", value: config.robust, comment: "Briggs" },
    { keyword: "CLEANLIM", value: config.cleanLimitJyPerBeam, comment: "[Jy/beam]" },
    { keyword: "PBFWHM", value: config.primaryBeamFwhmDeg, comment: "[deg] primary beam, corrected for" },
    { keyword: "SIMDENS", value: facts.densityFactor, comment: "times the table's source counts" },
    { keyword: "SIMSMIN", value: config.minFluxJy, comment: "[Jy] faintest source" },
    { keyword: "TRUTHMIN", value: config.truthMinFluxJy, comment: "[Jy] faintest source of the truth table" },
  ];
}

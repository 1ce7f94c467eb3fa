// The FITS header of a simple field: everything a reader needs, and plainly marked as simulated.

import type { Card } from "#sky/fits";
import type { RestoringBeam } from "#sky/instrument";
import type { SimpleSkyConfig } from "./simple-sky-config.ts";

/** What differs from field to field and goes into the header. */
export interface SimpleFieldFacts {
  readonly name: string;
  readonly seed: number;
  readonly fieldIndex: number;
  readonly centre: { readonly raDeg: number; readonly decDeg: number };
  readonly beam: RestoringBeam;
  readonly noiseJyPerBeam: number;
  readonly sourcesPerSqDeg: number;
}

/** All cards after the structural ones (SIMPLE, BITPIX, NAXIS...), which the writer of the file adds. */
export function simpleFieldCards(config: SimpleSkyConfig, facts: SimpleFieldFacts): readonly Card[] {
  const centrePixel = (config.fieldSize + 1) / 2;
  return [
    { keyword: "OBJECT", value: facts.name },
    { keyword: "TELESCOP", value: "SIMULATED" },
    { keyword: "BUNIT", value: "JY/BEAM" },
    { keyword: "EQUINOX", value: 2000 },
    { keyword: "RADESYS", value: "FK5" },
    { keyword: "WCSAXES", value: 2 },
    { keyword: "CTYPE1", value: "RA---SIN" },
    { keyword: "CRVAL1", value: facts.centre.raDeg },
    { keyword: "CDELT1", value: -config.pixelScaleDeg },
    { keyword: "CRPIX1", value: centrePixel },
    { keyword: "CUNIT1", value: "deg" },
    { keyword: "CTYPE2", value: "DEC--SIN" },
    { keyword: "CRVAL2", value: facts.centre.decDeg },
    { keyword: "CDELT2", value: config.pixelScaleDeg },
    { keyword: "CRPIX2", value: centrePixel },
    { keyword: "CUNIT2", value: "deg" },
    { keyword: "BMAJ", value: facts.beam.majorDeg, comment: "[deg] FWHM" },
    { keyword: "BMIN", value: facts.beam.minorDeg, comment: "[deg] FWHM" },
    { keyword: "BPA", value: facts.beam.positionAngleDeg, comment: "[deg] north through east" },
    { keyword: "SIMULATR", value: "simple", comment: "Gaussian beam, no uv plane, no CLEAN" },
    { keyword: "SIMSEED", value: facts.seed },
    { keyword: "SIMFIELD", value: facts.fieldIndex },
    { keyword: "SIGTH", value: facts.noiseJyPerBeam, comment: "[Jy/beam] noise on the pointing centre" },
    { keyword: "PBFWHM", value: config.primaryBeamFwhmDeg, comment: "[deg] primary beam, corrected for" },
    { keyword: "SIMDENS", value: facts.sourcesPerSqDeg, comment: "[deg-2] point sources above SIMSMIN" },
    { keyword: "SIMSMIN", value: config.minFluxJy, comment: "[Jy]" },
    { keyword: "HISTORY", value: "SIMULATED by Suricate's simple simulator. This is no telescope's data." },
  ];
}

// One simulated field, measured: `node dist/examples/simulated-field.js [SEED]`.

import { percentiles } from "#base/image";
import { SMALL_SKY, simulateField } from "#sky/simulator";

const seed = Number(process.argv[2] ?? 1);
const field = simulateField(SMALL_SKY, seed, 0);
const [lowFlux, median, highFlux] = percentiles(field.pixels, [2, 50, 98]).map((flux) => `${(flux * 1e6).toFixed(1)} uJy/beam`);
const arcsec = (degrees: number) => `${(degrees * 3600).toFixed(1)}"`;

console.log(`${field.name}: ${field.height} x ${field.width} pixels, simulated from seed ${seed}`);
console.log(
  `beam: ${arcsec(field.beam.majorDeg)} x ${arcsec(field.beam.minorDeg)}, position angle ${field.beam.positionAngleDeg.toFixed(0)} degrees`,
);
console.log(`thermal noise on the pointing centre: ${(field.facts.noiseJyPerBeam * 1e6).toFixed(1)} uJy/beam`);
console.log(`2nd percentile ${lowFlux}, median ${median}, 98th percentile ${highFlux}`);
console.log(`catalogue: ${field.sources.length} of ${field.truth.length} sources`);

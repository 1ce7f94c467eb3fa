// Door of sky/simulator to the disk: a whole sky of fields in a folder.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomically } from "#base/files/disk";
import { formatCatalogueCsv, formatPybdsfSrl } from "#sky/catalogue";
import { writeFieldImage } from "#sky/fits/disk";
import { formatTruthCsv } from "./format-truth.ts";
import type { SimpleSkyConfig } from "./simple-sky-config.ts";
import { type SimulatedField, simulateField } from "./simulate-field.ts";

/** MeerKAT's L band as MGCLS quotes it. The simple sky has no spectrum: only the catalogue's heading shows it. */
const FREQUENCY_HZ = 1.28e9;

/** What a simulated sky left in its folder. */
export interface WrittenSky {
  readonly simulator: "simple";
  readonly seed: number;
  /** One FITS image a field; beside each lies a source list NAME.srl. */
  readonly images: readonly string[];
  /** All detected sources of all fields, and all true ones. */
  readonly catalogue: string;
  readonly truth: string;
  readonly numCatalogued: number;
  readonly numTrue: number;
}

/**
 * Simulates `config.numFields` fields into `folder`, which is made if need be: NAME.fits and NAME.srl for each, catalogue.csv and
 * truth.csv for all. `onField` hears of each as it is written. Throws RangeError for a bad setting and FileError.
 */
export function writeSimpleSky(
  config: SimpleSkyConfig,
  seed: number,
  folder: string,
  onField: (field: SimulatedField) => void,
): WrittenSky {
  mkdirSync(folder, { recursive: true });
  const fields = Array.from({ length: config.numFields }, (_, index) => {
    const field = simulateField(config, seed, index);
    writeFieldImage(join(folder, `${field.name}.fits`), field);
    const list = formatPybdsfSrl(field.sources, { name: `${field.name}.fits`, frequencyHz: FREQUENCY_HZ });
    writeFileAtomically(join(folder, `${field.name}.srl`), new TextEncoder().encode(list));
    onField(field);
    return field;
  });
  const sources = fields.flatMap((field) => field.sources);
  const catalogue = join(folder, "catalogue.csv");
  const truth = join(folder, "truth.csv");
  writeFileAtomically(catalogue, new TextEncoder().encode(formatCatalogueCsv(sources)));
  writeFileAtomically(truth, new TextEncoder().encode(formatTruthCsv(fields)));
  return {
    simulator: "simple",
    seed,
    images: fields.map(({ name }) => join(folder, `${name}.fits`)),
    catalogue,
    truth,
    numCatalogued: sources.length,
    numTrue: fields.reduce((sum, field) => sum + field.truth.length, 0),
  };
}

// A sky of simulated fields on disk, one field at a time: memory does not grow with their number.
import { join } from "node:path";
import { AtomicFile, makeFolder, writeFileAtomically } from "#base/files/disk";
import { formatPybdsfSrl } from "#sky/catalogue";
import { MOST_FIELDS, type SkyConfig } from "../field-config.ts";
import { compactHeading, formatCompactLines } from "../format-compact-catalogue.ts";
import { formatTruthLines, truthHeading } from "../format-truth.ts";
import type { SimulatedField } from "../simulate-field.ts";
import { fieldMaker } from "./field-maker.ts";
import { writeFieldCube } from "./write-field-cube.ts";

/** What a simulated sky left in its folder. */
export interface WrittenSky {
  readonly simulator: "meerkat";
  readonly seed: number;
  /** One FITS image a field; beside each lies a source list NAME.srl. */
  readonly images: readonly string[];
  readonly dataQualityFlags: readonly number[];
  /** All detected compact sources of all fields, and all true objects. */
  readonly catalogue: string;
  readonly truth: string;
  readonly numCatalogued: number;
  readonly numTrue: number;
}

/**
 * Simulates `config.numFields` fields into `folder`, which is made if need be: an image and a source list for each, catalogue.csv
 * and truth.csv for all. `onField` hears of each as it is written. Rejects with RangeError for a bad setting and FileError.
 */
export async function writeSky(
  config: SkyConfig,
  seed: number,
  folder: string,
  onField: (field: SimulatedField) => void,
): Promise<WrittenSky> {
  makeFolder(folder);
  const maker = fieldMaker(config);
  const [catalogue, truth] = [new TextFile(join(folder, "catalogue.csv")), new TextFile(join(folder, "truth.csv"))];
  const written = { images: [] as string[], dataQualityFlags: [] as number[], numCatalogued: 0, numTrue: 0 };
  try {
    catalogue.write(`${compactHeading()}\n`);
    truth.write(`${truthHeading()}\n`);
    for (let index = 0; index < Math.min(config.numFields, MOST_FIELDS + 1); index++) {
      const field = await maker.make(seed, index);
      written.images.push(writeField(field, config, folder));
      written.dataQualityFlags.push(field.facts.dataQualityFlag);
      written.numCatalogued += field.sources.length;
      written.numTrue += field.truth.length;
      catalogue.write(formatCompactLines(field.sources));
      truth.write(formatTruthLines(field));
      onField(field);
    }
  } catch (error) {
    catalogue.abort();
    truth.abort();
    throw error;
  } finally {
    maker.close();
  }
  catalogue.commit();
  truth.commit();
  return { simulator: "meerkat", seed, ...written, catalogue: catalogue.path, truth: truth.path };
}

/** The image and its source list. Cubes are named as MGCLS's are. */
function writeField(field: SimulatedField, { numPlanes, frequencyHz }: SkyConfig, folder: string): string {
  const stem = numPlanes === 1 ? field.name : `${field.name}_aFix_pol_I_Farcsec_5pln_cor`;
  const path = join(folder, `${stem}.fits`);
  writeFieldCube(path, field);
  const list = formatPybdsfSrl(field.sources, { name: `${stem}.fits`, frequencyHz });
  writeFileAtomically(join(folder, `${stem}.srl`), new TextEncoder().encode(list));
  return path;
}

/** Text that appears whole or not at all. */
class TextFile extends AtomicFile {
  override write(text: string | Uint8Array): void {
    super.write(typeof text === "string" ? new TextEncoder().encode(text) : text);
  }
}

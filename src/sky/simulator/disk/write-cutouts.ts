// Labelled cutouts on disk: a folder of FITS images and a table of labels, which `import images --labels` reads.
import { join } from "node:path";
import { makeFolder, writeFileAtomically } from "#base/files/disk";
import { writeFieldImage } from "#sky/fits/disk";
import { type Cutout, type CutoutConfig, simulateCutout } from "../first-cutouts.ts";

/** What a set of cutouts left in its folder. */
export interface WrittenCutouts {
  readonly simulator: "first";
  readonly seed: number;
  readonly labels: string;
  readonly numCutouts: number;
  readonly numOfLabel: Readonly<Record<string, number>>;
}

interface LabelColumn {
  readonly heading: string;
  readonly cell: (cutout: Cutout) => string | number | null;
}

const COLUMNS: readonly LabelColumn[] = [
  { heading: "file", cell: ({ name }) => `${name}.fits` },
  { heading: "label", cell: ({ label }) => label },
  { heading: "ra_deg", cell: ({ raDeg }) => Number(raDeg.toFixed(8)) },
  { heading: "dec_deg", cell: ({ decDeg }) => Number(decDeg.toFixed(8)) },
  { heading: "flux_jy", cell: ({ fluxJy }) => Number(fluxJy.toPrecision(6)) },
  { heading: "las_arcsec", cell: ({ largestSizeArcsec }) => Number(largestSizeArcsec.toPrecision(6)) },
  { heading: "core_fraction", cell: ({ coreFraction }) => (coreFraction === null ? null : Number(coreFraction.toPrecision(6))) },
];

/** Writes the cutouts and labels.csv into `folder`, which is made if need be. Throws RangeError for a bad setting and FileError. */
export function writeCutouts(
  config: CutoutConfig,
  seed: number,
  folder: string,
  onCutout: (cutout: Cutout) => void,
): WrittenCutouts {
  makeFolder(folder);
  const lines = [COLUMNS.map(({ heading }) => heading).join(",")];
  const numOfLabel: Record<string, number> = {};
  for (let index = 0; index < config.numCutouts; index++) {
    const cutout = simulateCutout(config, seed, index);
    writeFieldImage(join(folder, `${cutout.name}.fits`), cutout);
    lines.push(COLUMNS.map(({ cell }) => cell(cutout) ?? "").join(","));
    numOfLabel[cutout.label] = (numOfLabel[cutout.label] ?? 0) + 1;
    onCutout(cutout);
  }
  const labels = join(folder, "labels.csv");
  writeFileAtomically(labels, new TextEncoder().encode(`${lines.join("\n")}\n`));
  return { simulator: "first", seed, labels, numCutouts: config.numCutouts, numOfLabel };
}

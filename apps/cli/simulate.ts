// suricate simulate: FITS fields of a made-up sky, with truth and catalogue.
import { Command } from "commander";
import { DEFAULT_SIMPLE_SKY } from "#sky/simulator";
import { writeSimpleSky } from "#sky/simulator/disk";
import { printJson, progressBar, say } from "./terminal.ts";
import { positiveInteger, seedNumber } from "./whole-number.ts";

interface SimulateOptions {
  readonly out: string;
  readonly fields: number;
  readonly size: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** `suricate simulate`. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description(
      "Make FITS fields of a simple sky: point sources, Gaussian beam, correlated noise, primary beam; no uv plane, no CLEAN.",
    )
    .requiredOption("--out <folder>", "where the fields and catalogues go")
    .option("--fields <number>", "how many fields", positiveInteger, DEFAULT_SIMPLE_SKY.numFields)
    .option("--size <pixels>", "side of a field image", positiveInteger, DEFAULT_SIMPLE_SKY.fieldSize)
    .option("--seed <number>", "the same seed gives the same bytes", seedNumber, 1)
    .option("--json", "print what was made as JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  $ suricate simulate --out sky\n  $ suricate simulate --out sky --fields 2 --size 1024 --seed 7 --json",
    )
    .action(runSimulate);
}

function runSimulate({ out, fields, size, seed, json = false }: SimulateOptions): void {
  // The primary beam goes with the field, so that a larger image is not merely a wider margin of noise.
  const primaryBeamFwhmDeg = (DEFAULT_SIMPLE_SKY.primaryBeamFwhmDeg * size) / DEFAULT_SIMPLE_SKY.fieldSize;
  const bar = progressBar("simulate", fields, { unit: "fields" });
  const config = { ...DEFAULT_SIMPLE_SKY, numFields: fields, fieldSize: size, primaryBeamFwhmDeg };
  const sky = writeSimpleSky(config, seed, out, () => bar.advance(1));
  bar.finish();
  if (json) printJson(sky);
  else say(`${fields} fields with ${sky.numCatalogued} catalogued sources (of ${sky.numTrue}) in ${out}`);
}

// suricate simulate: FITS fields of a made-up MeerKAT sky with truth and catalogue, or labelled cutouts of radio galaxies.
import { Command, InvalidArgumentError, Option } from "commander";
import { checkWritable, writeFileAtomically } from "#base/files/disk";
import {
  CUTOUT_LABELS,
  type CutoutLabel,
  checkSky,
  type DataQualityFlag,
  DEFAULT_CUTOUTS,
  type DetectionBin,
  detectionCounts,
  MGCLS_SKY,
  type SimulatedField,
  type SkyConfig,
  SMALL_SKY,
  summedDetections,
} from "#sky/simulator";
import { writeCutouts, writeSky } from "#sky/simulator/disk";
import { decimal } from "./decimal.ts";
import { stoppable } from "./interruption.ts";
import { counted, printJson, progressBar, say } from "./terminal.ts";
import { asUsage, UsageError } from "./usage-error.ts";
import { positiveInteger, seedNumber } from "./whole-number.ts";

interface SimulateOptions {
  readonly out: string;
  readonly fields?: number;
  readonly size?: number;
  readonly small?: boolean;
  readonly robust?: number;
  readonly noise?: number;
  readonly dqf?: DataQualityFlag;
  readonly planes?: 1 | 5;
  readonly completeness?: string;
  readonly cutouts?: number;
  readonly labels?: readonly CutoutLabel[];
  readonly seed: number;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  suricate simulate --out sky
  suricate simulate --out sky --fields 10 --planes 5 --seed 7
  suricate simulate --out poor --dqf 3 --size 2048 --json
  suricate simulate --out small --small --fields 8
  suricate simulate --out sky --completeness completeness.svg
  suricate simulate --out cutouts --cutouts 1000 --labels FRI,FRII --size 300
  suricate import images cutouts --labels cutouts/labels.csv --recipe mirabest --out cutout-crops

A field of 3457 pixels takes some 15 s and less than 1 GB.`;

/** `suricate simulate`. */
export function simulateCommand(): Command {
  return new Command("simulate")
    .description("Make FITS fields of a made-up sky as MeerKAT would image it, with all true sources and a catalogue.")
    .requiredOption("--out <folder>", "where the fields and catalogues go")
    .option("--fields <number>", `how many fields (default: ${MGCLS_SKY.numFields})`, positiveInteger)
    .option(
      "--size <pixels>",
      `side of a field image (default: ${MGCLS_SKY.fieldSize}) or of a cutout (${DEFAULT_CUTOUTS.cutoutSize})`,
      positiveInteger,
    )
    .option("--small", `small fields of many or few sources, as in the demo: ${SMALL_SKY.fieldSize} pixels of 2"`)
    .option(
      "--robust <number>",
      `Briggs' weighting, -2 (uniform, sharp) to 2 (natural, sensitive) (default: ${MGCLS_SKY.robust})`,
      decimal,
    )
    .option("--noise <uJy>", "thermal noise on the pointing centre, uJy/beam (default: drawn about 2.4)", decimal)
    .addOption(
      new Option("--dqf <flag>", "data quality of all fields: 0 good, 1 and 2 artefacts, 3 ripples (default: drawn)")
        .choices(["0", "1", "2", "3"])
        .argParser(dataQualityFlag),
    )
    .addOption(
      new Option("--planes <number>", "1: brightness; 5: MGCLS's cube with spectral index, errors and chi squared").argParser(
        numPlanes,
      ),
    )
    .option("--completeness <file.svg>", "draw how complete and how pure detections are, by signal-to-noise")
    .option("--cutouts <number>", "instead of fields, this many labelled galaxies as FIRST images them", positiveInteger)
    .option("--labels <names>", `labels of the cutouts, in turn: ${CUTOUT_LABELS.join(", ")} (default: FRI,FRII)`, cutoutLabels)
    .option("--seed <number>", "the same seed gives the same bytes", seedNumber, 1)
    .option("--json", "print what was made as JSON")
    .addHelpText("after", EXAMPLES)
    .action(runSimulate);
}

async function runSimulate(options: SimulateOptions): Promise<void> {
  if (options.cutouts === undefined) await simulateFields(options);
  else simulateCutouts(options, options.cutouts);
}

/** Options that say something of fields alone. */
const FIELD_OPTIONS = ["fields", "small", "robust", "noise", "dqf", "planes", "completeness"] as const;

function simulateCutouts(options: SimulateOptions, numCutouts: number): void {
  const { size, labels, seed, out, json } = options;
  const foreign = FIELD_OPTIONS.find((name) => options[name] !== undefined);
  if (foreign !== undefined) throw new UsageError(`--${foreign}: expected no --cutouts beside it, got both. Leave one out.`);
  const config = {
    ...DEFAULT_CUTOUTS,
    numCutouts,
    ...(size === undefined ? {} : { cutoutSize: size }),
    ...(labels === undefined ? {} : { labels }),
  };
  const bar = progressBar("simulate", numCutouts, { unit: "cutouts" });
  const written = writeCutouts(config, seed, out, () => bar.advance(1));
  bar.finish();
  if (json) printJson(written);
  else
    say(
      `${numCutouts} cutouts in ${out}: ${Object.entries(written.numOfLabel)
        .map((entry) => entry.join(" "))
        .join(", ")}`,
    );
}

async function simulateFields(options: SimulateOptions): Promise<void> {
  if (options.labels !== undefined) throw new UsageError("--labels: expected --cutouts beside it, got none.");
  const config = configOf(options);
  asUsage(() => checkSky(config));
  const { completeness: figure } = options;
  if (figure !== undefined) checkWritable(figure);
  const bar = progressBar("simulate", config.numFields, { unit: "fields" });
  const binned: (readonly DetectionBin[])[] = [];
  const onField = (field: SimulatedField) => {
    if (figure !== undefined) binned.push(detectionCounts(field, config));
    bar.advance(1);
  };
  const notice = "stopped: the fields so far are whole, catalogue.csv and truth.csv are not written.";
  const sky = await stoppable(notice, () => writeSky(config, options.seed, options.out, onField));
  bar.finish();
  const detections = binned.length > 0 ? summedDetections(binned) : undefined;
  if (detections && figure !== undefined) {
    // What draws is more than what simulates, and loaded for those who ask.
    const { completenessSvg } = await import("./completeness-figure.ts");
    writeFileAtomically(figure, new TextEncoder().encode(completenessSvg(detections, config.detectionThreshold)));
  }
  if (options.json) printJson(detections ? { ...sky, detections, figure } : sky);
  else
    say(
      `${counted(config.numFields, "field")} with ${sky.numCatalogued} catalogued sources (of ${sky.numTrue}) in ${options.out}`,
    );
}

function configOf({ fields, size, small, robust, noise, dqf, planes }: SimulateOptions): SkyConfig {
  const base = small ? SMALL_SKY : MGCLS_SKY;
  return {
    ...base,
    numFields: fields ?? base.numFields,
    // A small field's primary beam goes with its size, so that a larger image is not merely a wider margin of noise.
    ...(size === undefined ? {} : { fieldSize: size }),
    ...(small && size !== undefined ? { primaryBeamFwhmDeg: (base.primaryBeamFwhmDeg * size) / base.fieldSize } : {}),
    robust: robust ?? base.robust,
    noiseJyPerBeam: noise === undefined ? base.noiseJyPerBeam : [noise * 1e-6, noise * 1e-6],
    dataQualityFlag: dqf ?? base.dataQualityFlag,
    numPlanes: planes ?? base.numPlanes,
  };
}

function dataQualityFlag(text: string): DataQualityFlag {
  if (text === "0" || text === "1" || text === "2" || text === "3") return Number(text) as DataQualityFlag; // one of the four
  throw new InvalidArgumentError(`Expected 0, 1, 2 or 3, got "${text}".`);
}

function numPlanes(text: string): 1 | 5 {
  if (text === "1" || text === "5") return text === "1" ? 1 : 5;
  throw new InvalidArgumentError(`Expected 1 or 5, got "${text}".`);
}

function cutoutLabels(text: string): readonly CutoutLabel[] {
  return text.split(",").map((name) => {
    const label = CUTOUT_LABELS.find((known) => known === name.trim());
    if (label !== undefined) return label;
    throw new InvalidArgumentError(`Expected labels out of ${CUTOUT_LABELS.join(", ")}, got "${name}".`);
  });
}

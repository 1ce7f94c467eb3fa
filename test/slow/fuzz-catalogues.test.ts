// Twenty thousand mutations each of catalogues in text and CSV, of tables of labels and of COCO boxes: a value or a clear error.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Random, randomFor } from "#base/array";
import {
  CatalogueError,
  type ColumnChoice,
  formatCoco,
  parseCatalogue,
  parseCoco,
  parseTextTable,
  type Source,
} from "#sky/catalogue";
import { readCatalogue } from "#sky/catalogue/disk";
import { isFieldTableHeader, isLabelHeader, joinFieldTable, labelRows } from "#sky/survey";

const NUM_MUTATIONS = 20_000;
/** No case may take longer, milliseconds, nor may the process grow by more, bytes; a message is a line that a person reads. */
const LONGEST_CASE = 2000;
const GREATEST_GROWTH = 1e9;
const LONGEST_MESSAGE = 2000;

const PIECES = [
  ..."\0,;|\t\"'#:-+.\r\n \\{}[]é\uFEFF\u2028",
  ...[
    "nan",
    "inf",
    "-inf",
    "1e999",
    "-1e999",
    "1e-999",
    "90.0001",
    "-90",
    "360.5",
    "0x10",
    "12:61:00",
    "-00 30 00",
    "--",
    '""',
    "\r\n\r\n",
  ],
  ...[
    "RA",
    "DEC",
    "ra_deg",
    "Total_flux",
    "(mJy)",
    "[arcsec]",
    "deg",
    "Jy/beam",
    "9".repeat(400),
    " ".repeat(3000),
    '"'.repeat(99),
    ",".repeat(999),
  ],
];

/** Characters changed, lines moved, doubled, cut, or pieces that parsers trip over put in. */
function mutated(text: string, random: Random): string {
  let changed = text;
  for (let change = 1 + random.integer(5); change > 0; change--) {
    const at = random.integer(changed.length + 1);
    const kind = random.integer(6);
    if (kind === 0) changed = changed.slice(0, at) + String.fromCharCode(random.integer(256)) + changed.slice(at + 1);
    else if (kind === 1) changed = changed.slice(0, at) + changed.slice(at + random.integer(20));
    else if (kind === 2) changed = withMovedLine(changed, random);
    else if (kind === 3)
      changed = changed.slice(0, at) + changed.slice(random.integer(changed.length + 1), at + 60) + changed.slice(at);
    else if (kind === 4 && random.chance(0.2)) changed = changed.slice(0, at);
    else changed = changed.slice(0, at) + PIECES[random.integer(PIECES.length)]! + changed.slice(at);
  }
  return changed;
}

function withMovedLine(text: string, random: Random): string {
  const lines = text.split("\n");
  const [from, to] = [random.integer(lines.length), random.integer(lines.length)];
  const [line] = random.chance(0.5) ? lines.splice(from, 1) : [lines[from]!];
  lines.splice(to, 0, line!);
  return lines.join("\n");
}

/** Errors that a user is told: our own classes, or an Error whose text begins with the file. */
function assertClear(error: unknown, name: string, where: string): void {
  assert.ok(error instanceof Error, where);
  const isOwn = error instanceof CatalogueError || error.name === "ConfigError" || error.constructor === Error;
  assert.ok(isOwn, `${where}: ${error.stack}`);
  assert.ok(error.message.replace("ConfigError: ", "").startsWith(name), `${where}: ${error.message}`);
  assert.ok(!/[\n\r]/.test(error.message), `${where}: ${JSON.stringify(error.message)}`);
  assert.ok(
    error.message.length < LONGEST_MESSAGE,
    `${where}: ${error.message.length} characters: ${error.message.slice(0, 300)}`,
  );
}

interface Fuzzed {
  readonly seeds: readonly string[];
  /** Begins every message. */
  readonly file: string;
  /** Reads, and asserts that what it read is sound. */
  readonly read: (text: string, index: number) => void;
  readonly mutate?: (text: string, random: Random) => string;
}

const TOKENS = ["-1", "1e999", "null", "true", '"x"', "[]", "{}", "0", "7.5", "99999999999999999999", '"__proto__"'];

/** JSON with some of its numbers and texts exchanged. */
function mutatedJson(text: string, random: Random): string {
  const numTokens = text.match(TOKEN)!.length; // the seed has some
  const places = new Set(Array.from({ length: 1 + random.integer(3) }, () => random.integer(numTokens)));
  let token = 0;
  return text.replaceAll(TOKEN, (old) => (places.has(token++) ? TOKENS[random.integer(TOKENS.length)]! : old));
}

/** Keys are left as they are. */
const TOKEN = /(?<=[:[,]\s*)(-?\d+(\.\d+)?|"[^"]*"(?!:))/g;

function fuzz(name: string, { seeds, file, read, mutate = mutated }: Fuzzed): void {
  const startMemory = process.memoryUsage().rss;
  let [numRead, numRefused] = [0, 0];
  for (let index = 0; index < NUM_MUTATIONS; index++) {
    const input = mutate(seeds[index % seeds.length]!, randomFor(11, name, index));
    const started = performance.now();
    try {
      read(input, index);
      numRead++;
    } catch (error) {
      numRefused++;
      assertClear(error, file, `${name}, mutation ${index}`);
    }
    assert.ok(performance.now() - started < LONGEST_CASE, `${name}, mutation ${index}: ${performance.now() - started} ms`);
  }
  // Both must happen, or nothing was tried.
  assert.ok(numRead > NUM_MUTATIONS / 20 && numRefused > NUM_MUTATIONS / 20, `${name}: ${numRead} read, ${numRefused} refused`);
  assert.ok(process.memoryUsage().rss - startMemory < GREATEST_GROWTH, `${name}: ${process.memoryUsage().rss} bytes`);
}

function assertSound(sources: readonly Source[]): void {
  for (const { raDeg, decDeg, fluxJy, peakFluxJyPerBeam, majorDeg, minorDeg, positionAngleDeg } of sources) {
    assert.ok(raDeg >= 0 && raDeg < 360 && Math.abs(decDeg) <= 90, `${raDeg}, ${decDeg}`);
    for (const value of [fluxJy, peakFluxJyPerBeam, majorDeg, minorDeg, positionAngleDeg])
      assert.ok(value === null || Number.isFinite(value), String(value));
  }
}

const SRL = `# Source list for image.fits
# Reference frequency of the detection ("ch0") image: 1.28000e+09 Hz

# Source_id Isl_id RA E_RA DEC E_DEC Total_flux E_Total_flux Peak_flux Maj Min PA S_Code
0 0 10.5 0.0 -30.25 0.0 0.01 0.0 0.02 0.002 0.001 12 S
1 0 10.6 0.0 -30.5 0.0 nan 0.0 0.03 0.003 0.001 170 M
`;
const MIGHTEE = `# MIGHTEE, and more
NAME                 RA         DEC      S_INT     S_PEAK       IM_MAJ  IM_MIN  IM_PA  ISL_ID
                     deg        deg      Jy        Jy/beam      arcsec  arcsec  deg
MGTC J0959+0200   149.75      2.0000   2.5e-04   2.0e-04       9.00    7.20    45.0      0
MGTC J1000-0115   150.25     -1.2500   1.0e-04   1.0e-04       5.40    5.40     0.0     12
`;
const MGCLS = `# Source_name,RA_deg,Dec_deg,DeltaRA_deg,DeltaDec_deg,Stot_mJy,DeltaStot_mJy,Ipk_mJyb,DeltaIpk_mJyb,smax_asec,smin_asec,spa_deg,Field
"J0225.9, 1",36.5,-41.9,0.0001,0.0001,0.25,0.01,0.2,0.01,8.1,7.9,12,Abell 133
J0225.9 2,36.6,-41.8,0.0001,0.0001,1.25,0.01,1.2,0.01,8.1,7.9,12,"El ""Gordo"""
`;
const SEXAGESIMAL = "id;RAJ2000;DEJ2000;Fint(mJy);Maj_arcsec\na;12:34:56.7;-00:30:00;1.5;5\nb;00 00 01;+89 59 59;2.5;6\n";

test(`${NUM_MUTATIONS} mutations of catalogues in text end in a value or a clear error`, () => {
  fuzz("text", {
    seeds: [SRL, MIGHTEE],
    file: "x.txt",
    read: (text) => assertSound(parseCatalogue(text, { name: "x.txt" }).sources),
  });
});

test(`${NUM_MUTATIONS} mutations of CSV catalogues, some with columns named by the user, end in a value or a clear error`, () => {
  const chosen: ColumnChoice = {
    ra: { column: "RA_deg" },
    dec: { column: "Dec_deg" },
    flux: { column: "Stot_mJy", unit: "mJy" },
  };
  fuzz("csv", {
    seeds: [MGCLS, SEXAGESIMAL],
    file: "x.csv",
    read: (text, index) => assertSound(parseCatalogue(text, { name: "x.csv", columns: index % 4 === 0 ? chosen : {} }).sources),
  });
});

test(`${NUM_MUTATIONS} mutations of COCO files end in a value or a clear error`, () => {
  const boxes = [{ category: "FR-II", box: [1, 2, 3.5, 4] as const }];
  const images = [
    { file: "a.png", height: 20, width: 30, boxes },
    { file: "b.png", height: null, width: null, boxes: [] },
  ];
  fuzz("coco", {
    seeds: [formatCoco(images)],
    file: "x.json",
    mutate: (text, random) => (random.chance(0.5) ? mutatedJson(text, random) : mutated(text, random)),
    read: (text) => {
      for (const image of parseCoco(text, "x.json"))
        for (const { box } of image.boxes) assert.ok(box.every(Number.isFinite) && box[2] >= 0 && box[3] >= 0, box.join());
    },
  });
});

test(`${NUM_MUTATIONS} mutations of tables of labels and of fields end in a value or a clear error`, () => {
  const labels = "file,label,split,ra,dec,z\na.png,FRI,train,10.5,-30,0.1\nb.png,FRII,test,11:30:00,-30:30:00,nan\n";
  const fields =
    "ClusterName ,RA,Dec,Redshift,rms (uJy/beam),DQF\nAbell 133 †,15.6,-21.9,0.057a,3.5,1\nEl Gordo,15.7,-49,0.87,~4,0\n";
  fuzz("labels", {
    seeds: [labels, fields],
    file: "x.csv",
    read: (text, index) => {
      if (index % 2 === 1) {
        const { facts } = joinFieldTable(parseTextTable(text, "x.csv", isFieldTableHeader), ["Abell 133", "El Gordo"], "x.csv");
        for (const { dataQualityFlag } of facts.values())
          assert.ok(dataQualityFlag === null || Number.isInteger(dataQualityFlag));
        return;
      }
      const table = parseTextTable(text, "x.csv", (cells) => isLabelHeader(cells, ["file"], {}));
      for (const { known } of labelRows(table, ["file"], {}, "x.csv")) {
        assert.ok(known.split === null || ["train", "valid", "test"].includes(known.split));
        assert.ok(known.raDeg === null || Number.isFinite(known.raDeg));
      }
    },
  });
});

test("gzip-compressed catalogues with changed bytes end in a value or a clear error", () => {
  const folder = mkdtempSync(join(tmpdir(), "suricate-fuzz-"));
  after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "x.csv.gz");
  const packed = gzipSync(MGCLS);
  let numRefused = 0;
  for (let index = 0; index < 2000; index++) {
    const random = randomFor(12, "gzip", index);
    const bytes = Uint8Array.from(packed);
    bytes[random.integer(bytes.length)] = random.integer(256);
    writeFileSync(path, random.chance(0.1) ? bytes.subarray(0, random.integer(bytes.length)) : bytes);
    try {
      assertSound(readCatalogue(path).sources);
    } catch (error) {
      numRefused++;
      assertClear(error, path, `gzip, mutation ${index}`);
    }
  }
  assert.ok(numRefused > 1000, `${numRefused} refused`);
});

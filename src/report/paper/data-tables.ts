// Tables 1 to 3: the data sets, the training settings, the backbones; ours beside the paper's.
import { countText, numberText } from "../number-text.ts";
import { backboneTitle, isFloorName } from "./backbone-names.ts";
import type { ReportCropSet, ReportInputs, ReportRun } from "./inputs.ts";
import { setTitle } from "./known-sets.ts";
import { PUBLISHED_BACKBONES, PUBLISHED_DATA, PUBLISHED_SETTINGS } from "./published.ts";
import type { ReportRow, ReportTable } from "./report-table.ts";

const NOTHING = "–";

/** Table 1. */
export function dataTable({ cropSets }: ReportInputs): ReportTable {
  const published = PUBLISHED_DATA.map(([name, origin, purpose, crops, side]) => ({
    origin: "published" as const,
    cells: [name, origin, purpose, countText(crops), `${side} × ${side}`],
  }));
  return {
    id: "table-1",
    caption: "Table 1. Data sets: name, origin, purpose, number of crops and their shape in pixels.",
    columns: [
      { name: "name", kind: "text" },
      { name: "origin", kind: "text" },
      { name: "purpose", kind: "text" },
      { name: "total crops", kind: "number" },
      { name: "crop shape", kind: "number" },
    ],
    rows: [...published, ...cropSets.map(dataRow)],
    notes: ["MIGHTEE_FR has 174 crops in the paper's Table 1 and 90 + 87 = 177 in its text."],
    ...(cropSets.length > 0
      ? {}
      : {
          missing:
            "suricate prepare FIELDS… --size 256 --out CROPSET; suricate import mirabest MiraBest_F_batches.tar.gz --out MiraBest",
        }),
  };
}

function dataRow({
  name,
  collection,
  surveys,
  numFields,
  numCrops,
  cropSize,
  isTrainedOn,
  isEvaluated,
}: ReportCropSet): ReportRow {
  const fields = numFields === numCrops ? "one picture a crop" : numFields === 1 ? "1 field" : `${numFields} fields`;
  const purposes = [...(isTrainedOn ? ["Training"] : []), ...(isEvaluated ? ["Evaluation"] : [])].join(", ");
  const title = setTitle({ cropSetName: name, ...(collection === undefined ? {} : { collection }) });
  const cells = [title, [...surveys, fields].join(", "), purposes || NOTHING, countText(numCrops), `${cropSize} × ${cropSize}`];
  return { origin: "ours", cells };
}

/** Table 2. */
export function settingsTable({ runs }: ReportInputs): ReportTable {
  const ours = PUBLISHED_SETTINGS.map((_, row) => runs.map((run) => RUN_SETTINGS[row]!(run)));
  const more = MORE_SETTINGS.map(([name, of]) => [name, NOTHING, NOTHING, ...runs.map(of)]);
  return {
    id: "table-2",
    caption: "Table 2. Training settings: the paper's two backbones, then each run.",
    columns: [
      { name: "parameter", kind: "text" },
      { name: "paper: ResNet", kind: "number" },
      { name: "paper: ViT", kind: "number" },
      ...runs.map(({ name }) => ({ name, kind: "number" as const })),
    ],
    rows: [...PUBLISHED_SETTINGS.map((cells, row) => [...cells, ...ours[row]!]), ...(runs.length > 0 ? more : [])].map(
      (cells) => ({ cells }),
    ),
    notes: [
      "A run's batches are images a pass × passes whose gradients are averaged into one step; the paper's six processes are six such passes.",
    ],
    ...(runs.length > 0 ? {} : { missing: "suricate train CROPSET --out RUN --preset paper-resnet" }),
  };
}

/** In the order of PUBLISHED_SETTINGS. */
const RUN_SETTINGS: readonly ((run: ReportRun) => string)[] = [
  ({ architecture }) => architecture,
  ({ patchSize }) => (patchSize === null ? NOTHING : String(patchSize)),
  ({ batchSize, numAccumulatedBatches }) => `${batchSize} × ${numAccumulatedBatches}`,
  ({ learningRatePer256 }) => plain(learningRatePer256),
  ({ teacherMomentum }) => plain(teacherMomentum),
  ({ weightDecay: [first, last] }) => (first === last ? plain(first) : `${plain(first)} to ${plain(last)}`),
];

const MORE_SETTINGS: readonly (readonly [name: string, of: (run: ReportRun) => string])[] = [
  ["optimiser", ({ optimiser }) => optimiser],
  ["crops", ({ numImages, cropSetName }) => `${countText(numImages)} of ${cropSetName}`],
  ["epochs done, of those set", ({ losses, numEpochs }) => `${losses.length} of ${numEpochs}`],
  ["seed", ({ seed }) => String(seed)],
];

function plain(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential().replace("-", "−") : String(value);
}

/** Table 3. */
export function backboneTable({ runs, records }: ReportInputs): ReportTable {
  const published = PUBLISHED_BACKBONES.map((cells) => ({ origin: "published" as const, cells }));
  const ours = runs.map(({ name, cropSetName, numImages, architecture, patchSize }) => ({
    origin: "ours" as const,
    cells: [
      name,
      "a run",
      cropSetName,
      countText(numImages),
      "DINO",
      patchSize === null ? architecture : `${architecture}, patch ${patchSize}`,
    ],
  }));
  const known = new Set(runs.map(({ name }) => name));
  const named = records.flatMap((record) => [
    record.backbone,
    ...("floors" in record ? record.floors.flatMap((floor) => ("backbone" in floor ? [floor.backbone] : [])) : []),
  ]);
  const others = [...new Set(named.filter((name) => !isFloorName(name)).map(backboneTitle))].filter((title) => !known.has(title));
  const dims = new Map(records.map(({ backbone, embeddingDim }) => [backboneTitle(backbone), embeddingDim]));
  const evaluated = others.map((title) => ({
    origin: "ours" as const,
    cells: [
      title,
      "named in results",
      NOTHING,
      NOTHING,
      NOTHING,
      dims.has(title) ? `${numberText(dims.get(title)!)} numbers a crop` : NOTHING,
    ],
  }));
  return {
    id: "table-3",
    caption: "Table 3. Backbones: source, training data and their number, method, network.",
    columns: ["backbone", "source", "training data", "samples", "method", "network"].map((name) => ({
      name,
      kind: name === "samples" ? "number" : "text",
    })),
    rows: [...published, ...ours, ...evaluated],
    notes: [
      "DINOv2's images are 143 M in the paper's Table 3 and 142 M in its text. suricate backbones says where weights are to be had.",
    ],
    ...(ours.length + evaluated.length > 0 ? {} : { missing: "suricate train CROPSET --out RUN" }),
  };
}

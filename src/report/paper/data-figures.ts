// Figures 2, 3, 4 and 12: crops of each set, what scaling does to them, and what data quality flags look like.
import { cropGallerySvg } from "../figures/crop-gallery.ts";
import { histogramGridSvg } from "../figures/histogram-grid.ts";
import type { ReportCropSet, ReportInputs } from "./inputs.ts";
import { setTitle } from "./known-sets.ts";
import { type FigurePanel, fileStem, type ReportFigure } from "./report-figure.ts";

/** Sets that a figure shows: more make a page that nobody reads. */
const MOST_SETS = 6;

/** Figure 2. */
export function sampleFigure({ cropSets }: ReportInputs): ReportFigure {
  const shown = cropSets.filter(({ samples }) => samples.length > 0).slice(0, MOST_SETS);
  const panels = shown.map((set) => ({
    ...gallery(set.name, `Crops of ${titleOf(set)}`, set.samples),
    heading: `${titleOf(set)}, ${samplesText(set.numCrops)}`,
  }));
  const more = cropSets.length > shown.length ? ` ${cropSets.length - shown.length} more sets are not shown.` : "";
  return {
    id: "figure-2",
    title: "Figure 2. Sample crops of each data set.",
    caption:
      panels.length === 0
        ? "Crops side by side, with circles about their catalogued sources."
        : `${onlySet(shown)}Evenly through each set, contrast-stretched by the limits that travel with the crops. Circles: catalogued sources.${more}`,
    panels,
    ...(panels.length > 0 ? {} : { missing: "suricate prepare FIELDS… --size 256 --catalogue CATALOGUE --out CROPSET" }),
  };
}

/** One set has no heading. */
function onlySet(sets: readonly ReportCropSet[]): string {
  return sets.length === 1 ? `${titleOf(sets[0]!)}, ${samplesText(sets[0]!.numCrops)}. ` : "";
}

const titleOf = ({ name, collection }: ReportCropSet) =>
  setTitle({ cropSetName: name, ...(collection === undefined ? {} : { collection }) });

function samplesText(numCrops: number): string {
  return numCrops === 1 ? "1 crop" : `${numCrops} crops`;
}

function gallery(name: string, description: string, crops: Parameters<typeof cropGallerySvg>[1]): FigurePanel {
  return { name: fileStem(name), svg: cropGallerySvg(description, crops), width: "full" };
}

/** Figure 3. */
export function scalingFigure({ cropSets }: ReportInputs): ReportFigure {
  const scaled = withScaling(cropSets);
  return {
    id: "figure-3",
    title: "Figure 3. Scaling by field and by crop.",
    caption:
      scaled === undefined
        ? "The same crops stretched by the limits of their field, and each from its own least to its own greatest flux."
        : `The crop nearest the centre of ${scaled.field} and one at its edge (${scaled.set}): stretched by the limits of the whole field, then each from its own least to its own greatest flux, which loses how bright its sources are and blows up the noise at the beam's edge.`,
    panels: scaled === undefined ? [] : [gallery("", `Crops of ${scaled.field} under two scalings`, scaled.crops)],
    ...(scaled === undefined ? { missing: "suricate prepare FIELDS… --size 256 --out CROPSET" } : {}),
  };
}

/** Figure 4: as `inspect --figure` drew it, else of a field's crops. */
export function histogramFigure({ cropSets, figures }: ReportInputs): ReportFigure {
  const given = figures.get(4) ?? [];
  const scaled = withScaling(cropSets);
  const caption = "How five scalings spread the fluxes over [0, 1]; pixels counted on a logarithmic axis.";
  const head = { id: "figure-4", title: "Figure 4. Histograms of scaled fluxes." };
  if (given.length > 0)
    return { ...head, caption, panels: given.map(({ name, svg }) => ({ name: fileStem(name), svg, width: "natural" as const })) };
  if (scaled === undefined) {
    return { ...head, caption, panels: [], missing: "suricate inspect FIELD.fits --figure figure-4.svg" };
  }
  const svg = histogramGridSvg({
    description: `Histograms of ${scaled.field} under five scalings`,
    xName: "scaled flux",
    yName: "pixels",
    histograms: scaled.histograms,
  });
  const which = scaled.numCounted < scaled.numCrops ? `${scaled.numCounted} of the ${scaled.numCrops} crops` : "All crops";
  const own = `${caption} ${which} of ${scaled.field} (${scaled.set}); pixels that two crops share count twice.`;
  return { ...head, caption: own, panels: [{ name: "", svg, width: "full" }] };
}

function withScaling(cropSets: readonly ReportCropSet[]) {
  const found = cropSets.find(({ scaling }) => scaling !== undefined);
  return found?.scaling === undefined ? undefined : { ...found.scaling, set: found.name };
}

/** Figure 12. */
export function flagFigure({ cropSets }: ReportInputs): ReportFigure {
  const found = cropSets.find(({ byFlag }) => byFlag.length > 1) ?? cropSets.find(({ byFlag }) => byFlag.length > 0);
  return {
    id: "figure-12",
    title: "Figure 12. Data quality flags.",
    caption:
      "0: good dynamic range; 1: moderate, with some artefacts about bright sources; 2: poor, with high contamination; 3: poor, with ripples across the image (Knowles et al. 2022). One crop of each flag, from the flux at the field's 2nd to that at its 98th percentile.",
    panels: found === undefined ? [] : [gallery("", `A crop of each data quality flag of ${found.name}`, found.byFlag)],
    ...(found === undefined
      ? {
          missing: "suricate prepare FIELDS… --size 256 --table1 TABLE1.csv --out CROPSET",
        }
      : {}),
  };
}

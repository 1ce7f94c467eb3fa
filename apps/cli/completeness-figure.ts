// Completeness and purity of detections against signal-to-noise as a figure (paper section 2.3).
import { wilsonInterval } from "#learn/tasks";
import { type Line, linePlotSvg } from "#report";
import type { DetectionBin } from "#sky/simulator";

/** The figure as SVG: two lines with Wilson's 95 % intervals, and the 90 % of the study that the paper goes by. */
export function completenessSvg(bins: readonly DetectionBin[], threshold: number): string {
  return linePlotSvg({
    description: "Completeness and purity of detections against signal-to-noise",
    xName: "peak flux / local rms",
    yName: "share",
    lines: [
      shareLine(`completeness above ${threshold} rms`, "#0072b2", bins, (bin) => [bin.numFound, bin.numTrue]),
      shareLine("purity of all peaks", "#d55e00", bins, (bin) => [bin.numReal, bin.numPeaks]),
    ],
    levels: [{ name: "90 %", value: 0.9 }],
    yIncludes: [0, 1],
  });
}

/** Bins without a case are left out. */
function shareLine(
  name: string,
  colour: string,
  bins: readonly DetectionBin[],
  countsOf: (bin: DetectionBin) => readonly [count: number, total: number],
): Line {
  const filled = bins.filter((bin) => countsOf(bin)[1] > 0);
  return {
    name,
    colour,
    points: filled.map((bin) => [(bin.low + bin.high) / 2, countsOf(bin)[0] / countsOf(bin)[1]]),
    intervals: filled.map((bin) => wilsonInterval(...countsOf(bin))),
  };
}

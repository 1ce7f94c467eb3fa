// The referee's comparison as lines of text: a statistic a line, Suricate's value, wsclean's, and how far they are apart.

/** Statistics of one image, in uJy/beam. */
export interface ImageStatistics {
  readonly median: number;
  readonly madRms: number;
  readonly clippedRms: number;
  readonly p2: number;
  readonly p98: number;
  readonly "p99.9": number;
  readonly max: number;
  readonly autocorrelation: Readonly<Record<string, number>>;
}

/** What source-extractor found in one image. */
export interface FoundSources {
  readonly detections: number;
  readonly medianRms: number;
  /** By true apparent flux, uJy. */
  readonly completeness: Readonly<Record<string, { readonly share: number; readonly number: number }>>;
  readonly reliability: number;
  /** Of point sources above 100 uJy. */
  readonly peakOverTrue: { readonly p16: number; readonly median: number; readonly p84: number };
}

interface Both<Value> {
  readonly suricate: Value;
  readonly wsclean: Value;
}

/** All that is compared. */
export interface RefereeResult {
  readonly name: "referee";
  readonly fieldSize: number;
  readonly robust: number;
  readonly seed: number;
  /** Whose beam wsclean restored with. */
  readonly restoring: "wsclean" | "suricate";
  readonly beamArcsec: Both<readonly [major: number, minor: number, positionAngleDeg: number]>;
  readonly dirtyBeamGreatestDifference: number;
  readonly image: Both<ImageStatistics>;
  readonly difference: { readonly madRms: number; readonly expectedOfNoise: number };
  readonly sources: Both<FoundSources>;
  readonly seconds: Readonly<Record<string, number>>;
}

/** Lines of text, the columns lined up. */
export function formatReferee(result: RefereeResult): string {
  const { beamArcsec, image, sources, difference } = result;
  const rows: (readonly [string, number, number])[] = [
    ["beam, major axis (arcsec)", beamArcsec.suricate[0], beamArcsec.wsclean[0]],
    ["beam, minor axis (arcsec)", beamArcsec.suricate[1], beamArcsec.wsclean[1]],
    ["beam, position angle (deg)", beamArcsec.suricate[2], beamArcsec.wsclean[2]],
    ...(["median", "madRms", "clippedRms", "p2", "p98", "p99.9", "max"] as const).map(
      (name) => [`${name} (uJy/beam)`, image.suricate[name], image.wsclean[name]] as const,
    ),
    ...Object.entries(image.suricate.autocorrelation).map(
      ([lag, value]) => [`autocorrelation at ${lag}`, value, image.wsclean.autocorrelation[lag]!] as const,
    ),
    ["detections above 5 rms", sources.suricate.detections, sources.wsclean.detections],
    ["local rms (uJy/beam)", sources.suricate.medianRms, sources.wsclean.medianRms],
    ...Object.entries(sources.suricate.completeness).map(
      ([bin, { share, number }]) =>
        [`completeness ${bin} uJy (${number})`, share, sources.wsclean.completeness[bin]!.share] as const,
    ),
    ["reliability", sources.suricate.reliability, sources.wsclean.reliability],
    ...(["p16", "median", "p84"] as const).map(
      (name) => [`peak / true, ${name}`, sources.suricate.peakOverTrue[name], sources.wsclean.peakOverTrue[name]] as const,
    ),
  ];
  const cells = [
    [
      `field of ${result.fieldSize}, R = ${result.robust}, seed ${result.seed}, ${result.restoring}'s beam`,
      "Suricate",
      "wsclean",
      "difference",
    ],
    ...rows.map(([name, ours, theirs]) => [name, shown(ours), shown(theirs), shown(ours - theirs)]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return [
    ...cells.map((row) =>
      row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
    ),
    `The dirty beams differ by at most ${shown(result.dirtyBeamGreatestDifference)} in the central ${2 * 128 + 1} pixels.`,
    `Suricate's image less wsclean's: ${shown(difference.madRms)} uJy/beam; two draws of noise alone: ${shown(difference.expectedOfNoise)}.`,
    `Seconds: ${Object.entries(result.seconds)
      .map((entry) => entry.join(" "))
      .join(", ")}.`,
  ].join("\n");
}

const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(4));

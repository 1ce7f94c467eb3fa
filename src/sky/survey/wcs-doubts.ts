// Fields whose coordinates cannot all be right: told before a catalogue is placed by them.
import type { FitsHeader, Wcs } from "#sky/fits";

/** What is kept of a field to compare it with the others. */
export interface FieldCoordinates {
  readonly file: string;
  readonly sha256: string;
  readonly height: number;
  readonly width: number;
  readonly wcs?: Wcs;
}

/** Two pixel scales in one header are one where they differ by less than this share. */
const SCALE_TOLERANCE = 0.01;

/** A sentence where a header's CD matrix and its CDELT give two pixel scales: the CD matrix is what counts (as in wcslib). */
export function scaleDoubt(header: FitsHeader): string | undefined {
  const cd = (row: number, column: number) => header.number(`CD${row}_${column}`) ?? 0;
  const byMatrix = Math.sqrt(Math.abs(cd(1, 1) * cd(2, 2) - cd(1, 2) * cd(2, 1)));
  const byStep = Math.sqrt(Math.abs((header.number("CDELT1") ?? 0) * (header.number("CDELT2") ?? 0)));
  if (byMatrix === 0 || byStep === 0 || Math.abs(byMatrix / byStep - 1) < SCALE_TOLERANCE) return undefined;
  // 1 is what the standard puts for a CDELT that is not given, and some programs write it.
  if (byStep === 1) return undefined;
  const arcsec = (degrees: number) => `${(3600 * degrees).toPrecision(4)}"`;
  return `two world coordinates disagree: the CD matrix gives pixels of ${arcsec(byMatrix)}, CDELT of ${arcsec(byStep)}; the CD matrix is used.`;
}

/** Sentences on fields of one set: unlike frames, and different pixels that claim the same place on the sky. */
export function fieldDoubts(fields: readonly FieldCoordinates[]): readonly string[] {
  return [...frameDoubts(fields), ...samePlaceDoubts(fields)];
}

function frameDoubts(fields: readonly FieldCoordinates[]): readonly string[] {
  const byFrame = new Map<string, string[]>();
  for (const { file, wcs } of fields) {
    if (!wcs) continue;
    // ICRS and FK5 of 2000 agree to some hundredths of an arcsecond.
    const frame =
      wcs.frame === "ICRS" || (wcs.frame === "FK5" && (wcs.equinox ?? 2000) === 2000)
        ? "ICRS or J2000"
        : `${wcs.frame} ${wcs.equinox ?? ""}`.trim();
    byFrame.set(frame, [...(byFrame.get(frame) ?? []), file]);
  }
  if (byFrame.size < 2) return [];
  const counts = [...byFrame].map(([frame, files]) => `${files.length} in ${frame} (${files[0]})`);
  return [`the fields' coordinates are in unlike frames: ${counts.join(", ")}. Nothing is precessed: prepare them apart.`];
}

function samePlaceDoubts(fields: readonly FieldCoordinates[]): readonly string[] {
  const first = new Map<string, FieldCoordinates>();
  return fields.flatMap((field) => {
    const { file, sha256, height, width, wcs } = field;
    if (!wcs) return [];
    const corners = [wcs.pixelToSky(0, 0), wcs.pixelToSky(width - 1, height - 1)];
    const key = JSON.stringify(corners.map((sky) => sky && [sky.raDeg.toFixed(7), sky.decDeg.toFixed(7)]));
    const other = first.get(key);
    if (other === undefined) first.set(key, field);
    if (other === undefined || other.height !== height || other.width !== width) return [];
    return other.sha256 === sha256
      ? [`${file} is ${other.file} once more: the same coordinates and the same pixels.`]
      : [`${file} and ${other.file} give the same coordinates to different pixels: one of them may be wrong.`];
  });
}

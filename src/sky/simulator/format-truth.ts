// The truth of simulated fields as CSV: every source, detected or not.
import type { SimulatedField } from "./simulate-field.ts";

const HEADINGS = ["id", "field", "kind", "ra_deg", "dec_deg", "x", "y", "flux_jy", "separation_deg", "lobe_deg", "pa_deg"];

/** One line a source. x and y are pixels from 0; a point source has no separation, lobe or angle. */
export function formatTruthCsv(fields: readonly SimulatedField[]): string {
  const lines = fields.flatMap(({ name, truth }) =>
    truth.map((source) => {
      const { id, kind, raDeg, decDeg, x, y, fluxJy, separationDeg, lobeDeg, positionAngleDeg } = source;
      const cells = [`${name}_${id}`, name, kind, raDeg, decDeg, x, y, fluxJy, separationDeg, lobeDeg, positionAngleDeg];
      return cells.map((cell) => cell ?? "").join(",");
    }),
  );
  return `${[HEADINGS.join(","), ...lines].join("\n")}\n`;
}

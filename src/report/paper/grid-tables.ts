// Grids over settings as tables: what the paper's Table 2 and its choice of augmentations were found by (sections 3.1.1 and 3.2).
import { estimateText, numberText } from "../number-text.ts";
import type { ReportGrid } from "./inputs.ts";
import type { ReportTable } from "./report-table.ts";

/** One table a grid, counted from 1. */
export function gridTable({ name, keys, rows }: ReportGrid, index: number): ReportTable {
  const numbers = ["epochs", "loss", "ln K", "MSE of the probe", "untrained"];
  return {
    id: `grid-${index + 1}`,
    caption: `Grid "${name}": mean squared error of the counts of the training crops that the probe keeps for judging, with 95 % intervals, best first.`,
    columns: [
      ...keys.map((key) => ({ name: key, kind: "text" as const })),
      ...numbers.map((column) => ({ name: column, kind: "number" as const })),
    ],
    rows: rows.map(({ values, epochs, loss, lnK, error, interval, untrainedError, failure }) => ({
      cells:
        failure === ""
          ? [
              ...values,
              String(epochs),
              numberText(loss),
              numberText(lnK),
              Number.isFinite(error) ? estimateText(error, interval) : "–",
              numberText(untrainedError),
            ]
          : [...values, "failed", "–", "–", "–", "–"],
    })),
    notes: rows.flatMap(({ values, failure }) => (failure === "" ? [] : [`${values.join(", ")}: ${failure}`])),
  };
}

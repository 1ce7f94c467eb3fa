// Suricate's side of bench probe: ridge with its penalty by cross-validation, and the paper's layer by SGD with each seed.
import { randomFor } from "#base/array";
import type { Matrix } from "#learn/embeddings";
import { choosePenalty, type Fold, fitLinearBySgd, fitRidge, predict, RIDGE_PENALTIES } from "#learn/tasks";
import type { ProbeSize } from "./probe.ts";
import { serveTurns } from "./turns.ts";

const { rows: numRows, components, seeds }: ProbeSize = JSON.parse(process.argv[2] ?? "{}");
const NUM_FOLDS = 5;

const random = randomFor(0, "bench probe");
const x: Matrix = {
  numRows,
  numColumns: components,
  data: Float64Array.from({ length: numRows * components }, () => random.normal()),
};
/** Whole counts about 15 + 4 times the first component, with noise of deviation 3: rounding adds a twelfth to its 9. */
const y = Float64Array.from({ length: numRows }, (_, row) =>
  Math.round(15 + 4 * x.data[row * components]! + 3 * random.normal()),
);
const everyRow = Array.from({ length: numRows }, (_, row) => row);
const folds: readonly Fold[] = Array.from({ length: NUM_FOLDS }, (_, fold) => ({
  name: `${fold}`,
  train: everyRow.filter((row) => row % NUM_FOLDS !== fold),
  test: everyRow.filter((row) => row % NUM_FOLDS === fold),
}));

async function turn() {
  const [ridge] = fitRidge(x, y, [choosePenalty(x, y, folds, RIDGE_PENALTIES)]);
  const models = [ridge!, ...Array.from({ length: seeds }, (_, seed) => fitLinearBySgd(x, y, seed))];
  const errors = models.map((model) => predict(model, x).reduce((sum, value, row) => sum + (value - y[row]!) ** 2, 0) / numRows);
  return { meanSquaredError: errors.reduce((sum, error) => sum + error, 0) / errors.length };
}

await serveTurns({
  warm: async () => {
    await turn();
  },
  turn,
});

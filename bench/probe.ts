// bench probe: the linear probe of counts on many embeddings, Suricate's beside scikit-learn's ridge and PyTorch's SGD.
import { cpus } from "node:os";
import { type BenchOptions, type BenchResult, benchResult, peerScript, suricateSide, takeTurns } from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";

/** What both sides are given: rows of standardised components, and seeds of the layer by SGD. */
export interface ProbeSize {
  readonly rows: number;
  readonly components: number;
  readonly seeds: number;
}

/** The paper's 20,000 crops and 100 components, with its three runs. */
const PAPER_SIZE: ProbeSize = { rows: 20_000, components: 100, seeds: 3 };

const NUM_THREADS = 2;

/** Runs the benchmark. Throws Error where Python has no scikit-learn or torch. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const size = JSON.stringify(PAPER_SIZE);
  const peer = {
    name: "scikit-learn and PyTorch",
    command: peerPython(["sklearn", "torch"]),
    args: ["-B", peerScript("probe.py"), "--threads", `${NUM_THREADS}`, "--size", size],
    env: peerEnvironment(NUM_THREADS),
  };
  const timings = await takeTurns([suricateSide("probe-turns", [size]), peer], options);
  const errors = timings.map(({ name, values }) => `${name} ${values?.["meanSquaredError"]?.toFixed(3)}`);
  return benchResult("probe", timings, {
    notes: [
      `${PAPER_SIZE.rows} rows of ${PAPER_SIZE.components}: ridge with its penalty by 5-fold cross-validation, and ${PAPER_SIZE.seeds} seeds of 100 epochs of SGD.`,
      `Mean squared error over the rows: ${errors.join(", ")} (each side draws rows of its own; 9.08 at best).`,
      `Suricate uses one thread, the peer ${NUM_THREADS}; ${cpus()[0]?.model ?? "unknown processor"}; ${options.turns} turns each.`,
    ],
  });
}

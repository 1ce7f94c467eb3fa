// What bench pca, tsne and neighbours share: rows in a file, Suricate beside Python on the same, and that both found the same.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { type RowsTask, writeRows } from "./embedding-rows.ts";
import {
  type BenchOptions,
  type BenchResult,
  benchResult,
  type Contestant,
  peerScript,
  suricateSide,
  type Timing,
  takeTurns,
} from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";

export type ExploringName = "pca" | "tsne" | "neighbours";

const NUM_THREADS = 2;

/** Suricate and the peer, each with the same file of rows. */
export function exploringContestants(
  name: ExploringName,
  folder: string,
  size: Pick<RowsTask, "numRows" | "numColumns" | "k">,
): Contestant[] {
  const python = peerPython(["numpy", "sklearn"]);
  const file = join(folder, "rows.npy");
  writeRows(file, size.numRows, size.numColumns);
  const task = (side: string) =>
    JSON.stringify({ ...size, name, file, numThreads: NUM_THREADS, out: join(folder, `${side}.npy`) });
  return [
    suricateSide("exploring-turns", [task("suricate")]),
    {
      name: { pca: "scikit-learn randomised PCA", tsne: "scikit-learn Barnes-Hut", neighbours: "numpy brute force" }[name],
      command: python,
      args: ["-B", peerScript("exploring.py"), task("peer")],
      env: peerEnvironment(NUM_THREADS),
    },
  ];
}

/** Runs a benchmark; `judge` says in notes what the two sides found, and throws where it is not the same. */
export async function runExploring(
  name: ExploringName,
  size: Pick<RowsTask, "numRows" | "numColumns" | "k">,
  options: BenchOptions,
  judge: (timings: readonly Timing[], folder: string) => Promise<readonly string[]>,
): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), `suricate-bench-${name}-`));
  try {
    const timings = await takeTurns(exploringContestants(name, folder, size), options);
    const notes = await judge(timings, folder);
    return benchResult(name, timings, {
      notes: [...notes, `${NUM_THREADS} threads, ${cpus()[0]?.model ?? "unknown processor"}; ${options.turns} turns each.`],
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws Error unless both sides' values of that name agree. */
export function assertAgreement(timings: readonly Timing[], value: string, tolerance: number): void {
  const [ours, theirs] = timings.map(({ values }) => values[value]!) as [number, number]; // both sides send it
  if (Math.abs(ours - theirs) <= tolerance * Math.abs(theirs)) return;
  throw new Error(`bench: ${value}: expected ${theirs} as the peer, got ${ours}.`);
}

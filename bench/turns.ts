// Suricate's side of a benchmark: a process that does one turn when asked (one line of JSON each way over stdin and stdout).
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** What the harness asks of a contestant. */
export interface Request {
  readonly do: "warm" | "turn";
}

/** One turn: its wall time, the processor time of all its threads, the greatest resident memory within it, and values by which the sides can be compared. */
export interface Turn {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** One side's work. `turn` is timed whole; what it returns goes to the harness as the turn's `values`. */
export interface Side {
  warm(): Promise<void>;
  turn(): Promise<Readonly<Record<string, number>>>;
}

/** Answers the harness until it hangs up. An error is answered in one line, and the process lives on for the next request. */
export async function serveTurns(side: Side): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const answer = await answerTo(JSON.parse(line), side).catch((error: unknown) => ({
      error: error instanceof Error ? error.message : String(error),
    }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

async function answerTo(request: Request, side: Side): Promise<object> {
  if (request.do === "warm") {
    await side.warm();
    return {};
  }
  forgetPeakMemory();
  const [start, cpuStart] = [performance.now(), process.cpuUsage()];
  const values = await side.turn();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakBytes: peakMemoryBytes(), values } satisfies Turn;
}

/** Begins a new measurement of peak memory. Where the system does not allow it, the peak stays that of the whole process. */
export function forgetPeakMemory(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5"); // proc(5): resets VmHWM
  } catch {
    // Not Linux, or a container that forbids it: an older, greater peak is then reported, never a smaller one.
  }
}

/** Greatest resident memory of this process since forgetPeakMemory, bytes. */
export function peakMemoryBytes(): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (found) return Number(found[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

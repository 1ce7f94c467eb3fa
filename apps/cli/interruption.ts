// Ctrl-C during long work: it is asked to end where everything is whole, or ends at once and leaves nothing half written.
import { constants } from "node:os";
import { removeTemporaries } from "#base/files/disk";
import { isWatched, say } from "./terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** npm, timeout and Slurm send a signal to a process and to its group: what comes so soon after the first is the first once more. */
const SAME_SIGNAL_MS = 1000;

/** A watch over the signals that ask a process to end. */
export interface Interruption {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** 128 and the signal's number, as shells count: 130 after Ctrl-C, 143 after SIGTERM; 0 before any. */
  exitCode(): number;
  /** Leaves signals to the system again. */
  close(): void;
}

/** Waits for Ctrl-C (SIGINT) and for what batch systems send (SIGTERM); says `notice` when one comes. */
export function untilInterrupted(notice: string): Interruption {
  const controller = new AbortController();
  let exitCode = 0;
  const stop = (name: (typeof SIGNALS)[number]) => {
    if (controller.signal.aborted) return;
    // After that nobody listens any more: the next signal ends the process at once.
    setTimeout(close, SAME_SIGNAL_MS).unref();
    exitCode = 128 + constants.signals[name];
    say(`${isWatched() ? "\n" : ""}suricate: ${notice}`);
    controller.abort();
  };
  const close = () => {
    for (const name of SIGNALS) process.off(name, stop);
  };
  for (const name of SIGNALS) process.on(name, stop);
  return { signal: controller.signal, exitCode: () => exitCode, close };
}

/**
 * Does work that a signal may end at any time: `notice` is said, what is half written is removed, and the process ends with 130 after
 * Ctrl-C, 143 after SIGTERM. The work has to let the event loop turn now and then: signals are heard there.
 */
export async function stoppable<T>(notice: string, work: () => Promise<T>): Promise<T> {
  const stop = (name: (typeof SIGNALS)[number]) => {
    say(`${isWatched() ? "\n" : ""}suricate: ${notice}`);
    removeTemporaries();
    process.exit(128 + constants.signals[name]);
  };
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await work();
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}

// What tells wrong usage (exit code 2) from work that failed (exit code 1).
import { ConfigError } from "#base/config";

/**
 * A command line that is wrong whatever the files hold: options that exclude or need each other, a value outside its range. What only a
 * file shows (a configuration, a label that a set lacks, a run that is not there) is a failure, and stays the error it was.
 */
export class UsageError extends ConfigError {}

/** Runs a check of what the command line alone says: its error becomes a UsageError of the same text. */
export function asUsage<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(error.message.replace(/^ConfigError: /, ""), { cause: error });
  }
}

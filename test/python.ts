// The Python that reference scripts run under, for tests that need one.
import { missingPython } from "../bench/peer-python.ts";

/**
 * `skip` for a test's options: false where Python can import `modules`, else the reason.
 * With CI set a missing module throws instead: there a skipped test would pass unnoticed.
 */
export function pythonSkip(modules: readonly string[]): string | false {
  const missing = missingPython(modules);
  if (missing !== undefined && process.env["CI"]) throw new Error(`${missing} With CI set this fails.`);
  return missing ?? false;
}

// Golden text: what a function printed when someone looked at it and found it right.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "./real-data.ts";

/**
 * Asserts that `text` is what test/golden/`name` holds. Where it differs, the new text is left beside it as NAME.changed:
 * look at it, and rename it if the change is meant.
 */
export function assertGolden(name: string, text: string): void {
  const path = join(projectRoot, "test", "golden", name);
  const changed = `${path}.changed`;
  const golden = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  if (golden === text) {
    rmSync(changed, { force: true });
    return;
  }
  mkdirSync(dirname(changed), { recursive: true });
  writeFileSync(changed, text);
  assert.equal(text, golden, `test/golden/${name} differs; the new text is in ${name}.changed`);
}

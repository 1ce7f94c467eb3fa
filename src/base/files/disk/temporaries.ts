// Files and folders that this process fills under temporary names: known, so that a signal can clear them away.
import { rmSync } from "node:fs";

const held = new Set<string>();

/** A path is being filled. */
export function holdTemporary(path: string): void {
  held.add(path);
}

/** A path has its own name, or is gone. */
export function releaseTemporary(path: string): void {
  held.delete(path);
}

/** Whether this process is filling the path. */
export function isHeldTemporary(path: string): boolean {
  return held.has(path);
}

/** Removes all that is being filled: for a process that ends here. What fails is left for the next process to clear. */
export function removeTemporaries(): void {
  for (const path of held) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // The process ends; the same command clears it the next time.
    }
  }
  held.clear();
}

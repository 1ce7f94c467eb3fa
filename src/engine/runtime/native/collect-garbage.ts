// JavaScript's garbage, collected when there is much of it at once.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Collects what building and printing a graph left behind. V8 would look at its old generation again only after much more has been
 * put there, which the few objects of a training step never do: the garbage would take its memory for days. Some 15 ms a call.
 */
export function collectGarbage(): void {
  // The function is handed to contexts made while the flag is set; it stays usable afterwards.
  setFlagsFromString("--expose-gc");
  const collect: (() => void) | undefined = runInNewContext("globalThis.gc");
  setFlagsFromString("--no-expose-gc");
  collect?.();
}

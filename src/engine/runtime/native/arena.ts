// The memory that all sessions share: how it grows. docs/decisions/training-step-forms.md has what was measured.
import { readFileSync } from "node:fs";
import type { OrtApi, Pointer } from "./c-api.ts";

/** How ONNX Runtime's arena takes memory from the system, in the words of its CreateArenaCfg; -1 is its own default. */
interface ArenaGrowth {
  /** Where a region is full: one as large as what is asked for, or one twice as large as the last. */
  readonly strategy: 0 | 1;
  readonly firstRegionBytes: number;
  /** The most that a piece may be larger than what it is given out for. */
  readonly mostIdleBytes: number;
}

const DOUBLING = 0;
const AS_ASKED = 1;
const DEFAULT = -1;

/**
 * Pieces that are given back join their neighbours inside a region alone, so one region for all leaves the fewest holes; pages that
 * nothing was written to take no memory. 2^31 - 1 is the most that the setting can say.
 */
const ONE_REGION: ArenaGrowth = { strategy: DOUBLING, firstRegionBytes: 2 ** 31 - 1, mostIdleBytes: 2 ** 16 };

/** Where addresses are scarce (`ulimit -v`) such a region would leave none for anything else. */
const MANY_REGIONS: ArenaGrowth = { strategy: AS_ASKED, firstRegionBytes: DEFAULT, mostIdleBytes: 2 ** 16 };

/** Registers one arena for all sessions of an environment: what one of them frees another can use. */
export function registerArena(api: OrtApi, environment: Pointer, memoryInfo: Pointer): void {
  const { strategy, firstRegionBytes, mostIdleBytes } = isAddressSpaceLimited(processLimits()) ? MANY_REGIONS : ONE_REGION;
  const arena = api.make("CreateArenaCfg", 0, strategy, firstRegionBytes, mostIdleBytes);
  try {
    api.call("CreateAndRegisterAllocator", environment, memoryInfo, arena);
  } finally {
    api.release("ReleaseArenaCfg", arena);
  }
}

/** Whether Linux's table of a process's limits (proc_pid_limits(5)) sets one to its addresses. */
export function isAddressSpaceLimited(limits: string): boolean {
  return /^Max address space\s+\d/m.test(limits);
}

function processLimits(): string {
  return process.platform === "linux" ? readFileSync("/proc/self/limits", "utf8") : "";
}

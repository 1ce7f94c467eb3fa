// Door of learn/runs to the disk: run folders made, resumed and read, and the files behind a backbone's name.
export { readCheckpointFile, readCheckpointPosition, writeCheckpointFile } from "./disk/checkpoint-files.ts";
export { type FoundBackbone, type FoundFile, type FoundShape, findBackbone } from "./disk/find-backbone.ts";
export { type NamedBackbone, readRegistry } from "./disk/read-registry.ts";
export { isRunFolder, readRun, readRunInfo } from "./disk/read-run.ts";
export { createRun, openRun, type Run, type RunChange, removeUnusedRun } from "./disk/run-folder.ts";

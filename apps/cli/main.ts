#!/usr/bin/env node
// The command line as a process.
import { runCommandLine } from "./command-line.ts";

outliveReaders();
const exitCode = await runCommandLine(process.argv.slice(2));
// A command that a signal has ended left its own.
if (exitCode !== 0) process.exitCode = exitCode;

/** Whoever reads our lines may go away first, as head does and a closed terminal: the work goes on, and what is left to say is dropped. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

// Files that a command is to write at the end of long work: looked at before it begins.
import type { Command } from "commander";
import { checkWritable } from "#base/files/disk";

/** The command, which refuses before it begins where a file of its `--out` cannot be written. */
export function withOutChecked(command: Command): Command {
  return command.hook("preAction", (_, started) => {
    const { out = [] } = started.opts<{ readonly out?: string | readonly string[] }>();
    for (const path of [out].flat()) checkWritable(path);
  });
}

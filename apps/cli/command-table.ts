// Commands that are loaded when they are asked for: together they are most of the program, and a list needs their names alone.
import { Command } from "commander";

/**
 * What there is to choose from, in the order in which help lists it: a name, what a list says of it in a line, and the whole command,
 * given the arguments behind its name.
 */
export type CommandTable = readonly (readonly [
  name: string,
  summary: string,
  load: (args: readonly string[]) => Promise<Command>,
])[];

/** Adds the table's commands to `parent`: the one that `args` ask for whole, all others as names to be listed. */
export async function addCommands(parent: Command, table: CommandTable, args: readonly string[]): Promise<void> {
  const words = args.filter((arg) => !arg.startsWith("-"));
  const [asked, ...rest] = words[0] === "help" ? words.slice(1) : words;
  for (const [name, summary, load] of table) {
    const command = name === asked ? await load(rest) : new Command(name);
    parent.addCommand(command.summary(summary));
  }
}

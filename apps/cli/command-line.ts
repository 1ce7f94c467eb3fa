// The command line: collects the commands, and turns every failure into one clear line and an exit code.
import { Command, CommanderError, Help, type Option } from "commander";
import { say, type Terminal, writingTo } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";
import { versions } from "./versions.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** In the order in which a survey goes through them. Each is loaded when it is asked for: together they are most of the program. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ["demo", async () => (await import("./demo.ts")).demoCommand()],
  ["simulate", async () => (await import("./simulate.ts")).simulateCommand()],
  ["prepare", async () => (await import("./prepare.ts")).prepareCommand()],
  ["import", async () => (await import("./import.ts")).importCommand()],
  ["inspect", async () => (await import("./inspect.ts")).inspectCommand()],
  ["catalogue", async () => (await import("./catalogue.ts")).catalogueCommand()],
  ["split", async () => (await import("./split.ts")).splitCommand()],
  ["subset", async () => (await import("./split.ts")).subsetCommand()],
  ["settings", async () => (await import("./settings.ts")).settingsCommand()],
  ["train", async () => (await import("./train.ts")).trainCommand()],
  ["grid", async () => (await import("./grid.ts")).gridCommand()],
  ["backbones", async () => (await import("./backbones.ts")).backbonesCommand()],
  ["embed", async () => (await import("./embed.ts")).embedCommand()],
  ["export", async () => (await import("./export.ts")).exportCommand()],
  ["evaluate", async () => (await import("./evaluate.ts")).evaluateCommand()],
  ["project", async () => (await import("./project.ts")).projectCommand()],
  ["attention", async () => (await import("./attention.ts")).attentionCommand()],
  ["search", async () => (await import("./search.ts")).searchCommand()],
  ["report", async () => (await import("./report.ts")).reportCommand()],
]);

/**
 * Runs the command of these arguments to its end, and gives its exit code: 0 done, 1 failed, 2 wrong usage. What it says goes to
 * `terminal`. A command that a signal has ended leaves its own code in process.exitCode.
 */
export function runCommandLine(args: readonly string[], terminal: Terminal = process): Promise<number> {
  return writingTo(terminal, async () => {
    try {
      await (await programFor(args, terminal)).parseAsync(args, { from: "user" });
      return 0;
    } catch (error) {
      if (!(error instanceof CommanderError))
        say(`suricate: ${args.includes("--verbose") ? verboseText(error) : plainText(error)}`);
      return exitCodeOf(error);
    }
  });
}

async function programFor([name]: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command("suricate")
    .description("Self-supervised learning on wide-field radio-telescope images.")
    .version(versions()["suricate"]!);
  for (const command of await askedCommands(name)) {
    program.addCommand(command.option("--verbose", "show where in the program an error arose", false));
  }
  setUp(program, "suricate", terminal);
  return program;
}

/** The command of that name, or all of them where it is none: to be listed, or for the nearest name. */
async function askedCommands(name = ""): Promise<readonly Command[]> {
  const load = COMMANDS.get(name);
  return load ? [await load()] : Promise.all(Array.from(COMMANDS.values(), (one) => one()));
}

/** What commander is told for every command separately: where to write, not to end the process, and how to say what is wrong. */
function setUp(command: Command, name: string, terminal: Terminal): void {
  const { stdout, stderr } = terminal;
  command
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, "suricate: ")),
    })
    .configureHelp({ optionDescription: plainDescription })
    .showHelpAfterError(`(${name}${command.commands.length > 0 ? " <command>" : ""} --help shows the options and examples)`);
  for (const child of command.commands) setUp(child, `${name} ${child.name()}`, terminal);
}

/** Without defaults that say nothing: a switch that is off, a list that is empty. */
function plainDescription(option: Option): string {
  return new Help().optionDescription(option).replace(/ ?\(default: (false|\[\])\)/, "");
}

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_USAGE;
  if (!(error instanceof CommanderError)) return EXIT_FAILED;
  return error.exitCode === 0 ? 0 : EXIT_USAGE;
}

function plainText(error: unknown): string {
  if (error instanceof TypeError || error instanceof ReferenceError)
    return `internal: ${error.message}. This is a fault of Suricate: --verbose shows where; please report it.`;
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
}

function verboseText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Our own errors say their name in the message already, and a stack puts it in front once more.
  const stack = (error.stack ?? error.message).replace(`${error.name}: ${error.name}: `, `${error.name}: `);
  return error.cause ? `${stack}\ncaused by: ${verboseText(error.cause)}` : stack;
}

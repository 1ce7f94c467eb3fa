// The command line: collects the commands, and turns every failure into one clear line and an exit code.
import { Command, CommanderError, Help, type Option } from "commander";
import { addCommands, type CommandTable } from "./command-table.ts";
import { say, type Terminal, writingTo } from "./terminal.ts";
import { versions } from "./versions.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** In the order in which a survey goes through them. */
const COMMANDS: CommandTable = [
  ["demo", "the whole way on a small simulated sky, in minutes", async () => (await import("./demo.ts")).demoCommand()],
  [
    "simulate",
    "FITS fields of a made-up sky, with truth and catalogue",
    async () => (await import("./simulate.ts")).simulateCommand(),
  ],
  ["prepare", "FITS fields to a crop set", async () => (await import("./prepare.ts")).prepareCommand()],
  ["import", "a labelled set or a folder of pictures to a crop set", async () => (await import("./import.ts")).importCommand()],
  [
    "inspect",
    "what a file, crop set, run, checkpoint or model holds",
    async () => (await import("./inspect.ts")).inspectCommand(),
  ],
  [
    "catalogue",
    "a source catalogue as DS9 regions, VOTable or CSV",
    async () => (await import("./catalogue.ts")).catalogueCommand(),
  ],
  ["split", "draws the test crops of a crop set", async () => (await import("./split.ts")).splitCommand()],
  ["subset", "draws a smaller training set", async () => (await import("./split.ts")).subsetCommand()],
  ["settings", "every setting of a training with its value", async () => (await import("./settings.ts")).settingsCommand()],
  ["train", "trains a backbone on a crop set, without labels", async () => (await import("./train.ts")).trainCommand()],
  ["grid", "trains and probes over lists of settings", async () => (await import("./grid.ts")).gridCommand()],
  ["backbones", "the backbones that have a name", async () => (await import("./backbones.ts")).backbonesCommand()],
  ["embed", "one vector a crop", async () => (await import("./embed.ts")).embedCommand()],
  ["export", "a backbone as ONNX or safetensors, with a model card", async () => (await import("./export.ts")).exportCommand()],
  [
    "evaluate",
    "judges embeddings by a task, with intervals and floors",
    async (args) => (await import("./evaluate.ts")).evaluateCommand(args),
  ],
  ["project", "embeddings on a plane, by PCA, t-SNE or UMAP", async () => (await import("./project.ts")).projectCommand()],
  ["attention", "what a Vision Transformer looks at in a crop", async () => (await import("./attention.ts")).attentionCommand()],
  ["search", "the crops most like one", async () => (await import("./search.ts")).searchCommand()],
  ["report", "the paper's tables and figures with your numbers", async () => (await import("./report.ts")).reportCommand()],
];

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

async function programFor(args: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command("suricate")
    .description("Self-supervised learning on wide-field radio-telescope images.")
    .version(versions()["suricate"]!);
  await addCommands(program, COMMANDS, args);
  for (const command of program.commands) command.option("--verbose", "show where in the program an error arose", false);
  setUp(program, "suricate", terminal);
  return program;
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

async function exitCodeOf(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  // What it extends loads the schemas: help and versions, which commander throws, end before.
  const { UsageError } = await import("./usage-error.ts");
  return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
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

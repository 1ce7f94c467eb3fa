// npm run bench -- NAME [--json] [--turns N]: Suricate and a peer in turn, medians, ratio.
import { parseArgs } from "node:util";
import type { BenchOptions, BenchResult } from "./harness.ts";
import type { Storage } from "./prepare-field.ts";
import { formatResult } from "./table.ts";

type BenchName =
  | "vit-step"
  | "resnet-step"
  | "embed-vit"
  | "embed-resnet"
  | "prepare"
  | "prepare-gzip"
  | "prepare-rice"
  | "pca"
  | "tsne"
  | "neighbours"
  | "probe";

interface Bench {
  run(options: BenchOptions): Promise<BenchResult>;
}

const prepareOf = async (storage: Storage): Promise<Bench> => ({ run: (await import("./prepare.ts")).prepareBench(storage) });

const BENCHES: Readonly<Record<BenchName, () => Promise<Bench>>> = {
  "vit-step": () => import("./vit-step.ts"),
  "resnet-step": () => import("./resnet-step.ts"),
  "embed-vit": () => import("./embed-vit.ts"),
  "embed-resnet": () => import("./embed-resnet.ts"),
  prepare: () => prepareOf("plain"),
  "prepare-gzip": () => prepareOf("gzip"),
  "prepare-rice": () => prepareOf("rice"),
  pca: () => import("./pca.ts"),
  tsne: () => import("./tsne.ts"),
  neighbours: () => import("./neighbours.ts"),
  probe: () => import("./probe.ts"),
};

/** Turns of each side where none are asked for. One turn of t-SNE on both sides takes minutes. */
const TURNS = 5;
const TSNE_TURNS = 1;

const usage = `usage: npm run bench -- NAME [--json] [--turns N] (default: ${TURNS}, of tsne ${TSNE_TURNS})\nNAME is one of: ${Object.keys(BENCHES).join(", ")}.`;

function parseCommand(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean" }, turns: { type: "string" } },
  });
  const [name] = positionals;
  const turns = Number(values.turns ?? (name === "tsne" ? TSNE_TURNS : TURNS));
  if (positionals.length !== 1 || name === undefined || !Object.hasOwn(BENCHES, name)) {
    throw new Error(`bench: expected the name of one benchmark, got "${positionals.join(" ")}".`);
  }
  if (!Number.isInteger(turns) || turns < 1)
    throw new Error(`bench: --turns: expected a whole number above 0, got ${values.turns}.`);
  return { name: name as BenchName, turns, wantsJson: values.json === true }; // hasOwn was asked just above
}

/** Exit code: 0 done, 1 the benchmark failed, 2 wrong usage. */
async function main(args: readonly string[]): Promise<number> {
  let command: ReturnType<typeof parseCommand>;
  try {
    command = parseCommand(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`); // parseArgs and parseCommand throw nothing but Errors
    return 2;
  }
  try {
    const bench = await BENCHES[command.name]();
    const result = await bench.run({ turns: command.turns });
    console.log(command.wantsJson ? JSON.stringify(result) : formatResult(result));
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));

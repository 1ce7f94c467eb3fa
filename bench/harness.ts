// Side-by-side benchmarks: contestants are live processes that take turns, one at a time, in one go.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";
import type { Request, Turn } from "./turns.ts";

/** The checkout's root, from the built harness's place in dist/bench. */
const projectRoot = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** The source file of a peer in bench/peers. */
export const peerScript = (name: string): string => join(projectRoot, "bench", "peers", name);

/** The built program of one of Suricate's own sides, such as "vit-step-turns". */
export const builtSide = (name: string): string => join(projectRoot, "dist", "bench", `${name}.js`);

/** What `npm run bench -- NAME --json` prints. */
export interface BenchResult {
  readonly name: string;
  /** "Suricate", with what it does where that is not the whole of it. */
  readonly suricateName: string;
  readonly peerName: string;
  /** Medians of the turns, in `unit`. */
  readonly suricate: number;
  readonly peer: number;
  /** peer / suricate: above one, Suricate is the faster. */
  readonly ratio: number;
  readonly unit: string;
  /** Share of the machine's measured matrix-product rate that Suricate reaches, 0 to 1. */
  readonly peak?: number;
  /** Greatest resident memory of one turn, bytes. */
  readonly memory: { readonly suricate: number; readonly peer: number };
  /** Medians of the processor time of all threads, seconds. PyTorch's threads spin while they wait, which counts. */
  readonly cpuSeconds: { readonly suricate: number; readonly peer: number };
  /** Further peers timed in the same run. */
  readonly others?: readonly {
    readonly name: string;
    readonly median: number;
    readonly ratio: number;
    readonly memory: number;
    readonly cpuSeconds: number;
  }[];
  readonly notes?: readonly string[];
}

/** What the command line of a benchmark settles. */
export interface BenchOptions {
  /** Timed turns of each contestant, after one that is not counted. */
  readonly turns: number;
}

/** One side of a benchmark: a program that answers requests line by line, as serveTurns and peers/turns.py do. */
export interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** All turns of one contestant. `values` are those of its last turn. */
export interface Timing {
  readonly name: string;
  readonly seconds: readonly number[];
  readonly median: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
  readonly values: Readonly<Record<string, number>>;
}

/** One of Suricate's own sides, in a Node process of its own. */
export function suricateSide(program: string, args: readonly string[] = []): Contestant {
  return { name: "Suricate", command: process.execPath, args: ["--enable-source-maps", builtSide(program), ...args] };
}

/**
 * Starts every contestant, warms each, then lets them take turns: A B C, A B C, ... Only one works at any moment.
 * Throws Error naming the contestant where one fails or ends early. All processes are ended on the way out.
 */
export async function takeTurns(contestants: readonly Contestant[], options: BenchOptions): Promise<readonly Timing[]> {
  const players: Player[] = [];
  try {
    // Warmed before the next one starts, so that no start-up disturbs another's first turn.
    for (const contestant of contestants) {
      const player = new Player(contestant);
      players.push(player);
      await player.ask({ do: "warm" });
    }
    const turns = players.map((): Turn[] => []);
    for (let round = 0; round < options.turns; round++) {
      for (const [index, player] of players.entries()) {
        // Thread pools spin for some milliseconds after their work: let the last one's come to rest.
        await pause(200);
        turns[index]!.push(await player.ask({ do: "turn" }));
      }
    }
    return contestants.map(({ name }, index) => timingOf(name, turns[index]!));
  } finally {
    await Promise.all(players.map((player) => player.end()));
  }
}

/** The result of a benchmark: Suricate first, the peer it is compared with second, further peers after. */
export function benchResult(
  name: string,
  timings: readonly Timing[],
  extra: Pick<BenchResult, "peak" | "notes"> = {},
): BenchResult {
  const [suricate, peer, ...others] = timings;
  if (!suricate || !peer) throw new Error(`internal: bench ${name}: expected at least two contestants, got ${timings.length}.`);
  return {
    name,
    suricateName: suricate.name,
    peerName: peer.name,
    suricate: suricate.median,
    peer: peer.median,
    ratio: peer.median / suricate.median,
    unit: "s",
    memory: { suricate: suricate.peakBytes, peer: peer.peakBytes },
    cpuSeconds: { suricate: suricate.cpuSeconds, peer: peer.cpuSeconds },
    ...(others.length > 0 ? { others: others.map((other) => rivalOf(other, suricate)) } : {}),
    ...extra,
  };
}

const rivalOf = (other: Timing, suricate: Timing) => ({
  name: other.name,
  median: other.median,
  ratio: other.median / suricate.median,
  memory: other.peakBytes,
  cpuSeconds: other.cpuSeconds,
});

function timingOf(name: string, turns: readonly Turn[]): Timing {
  const seconds = turns.map((turn) => turn.seconds);
  return {
    name,
    seconds,
    median: median(seconds),
    cpuSeconds: median(turns.map((turn) => turn.cpuSeconds)),
    peakBytes: Math.max(...turns.map((turn) => turn.peakBytes)),
    values: turns.at(-1)?.values ?? {},
  };
}

/** A running contestant: one question at a time, one line each way. */
class Player {
  readonly #name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #answers: AsyncIterator<string>;
  readonly #isClosed: Promise<void>;
  #complaint = "";

  constructor({ name, command, args, env }: Contestant) {
    this.#name = name;
    this.#process = spawn(command, args, { stdio: "pipe", env: env ?? process.env });
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-4000);
    });
    this.#isClosed = new Promise((resolve) => {
      this.#process.on("close", () => resolve());
      this.#process.on("error", (error) => {
        this.#complaint += error.message;
        resolve();
      });
    });
    // One that died with a question in its pipe: `ask` sees it by the missing answer.
    this.#process.stdin.on("error", () => {});
    this.#lines = createInterface({ input: this.#process.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  async ask(request: Request): Promise<Turn> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) {
      await this.#isClosed; // so that its last words have come through
      throw new Error(`bench: ${this.#name}: ended before it answered "${request.do}". ${this.#lastWords()}`);
    }
    const answer = parseAnswer(value);
    if (answer.error !== undefined) throw new Error(`bench: ${this.#name}: ${answer.error}`);
    return answer;
  }

  async end(): Promise<void> {
    this.#lines.close();
    if (this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const hasEnded = once(this.#process, "exit");
    this.#process.kill();
    await hasEnded;
  }

  #lastWords(): string {
    return this.#complaint.trim().split("\n").at(-1) || "It said nothing.";
  }
}

function parseAnswer(line: string): Turn & { readonly error?: string } {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new Error(`bench: expected one line of JSON as an answer, got ${JSON.stringify(line.slice(0, 200))}.`, {
      cause: error,
    });
  }
}

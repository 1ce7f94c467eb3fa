// The suricate command: run to its end in the test's own process, where most is told in a tenth of the time, or as a process.
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { runCommandLine } from "../../../apps/cli/command-line.ts";
import { projectRoot } from "../../real-data.ts";

const MAIN = join(projectRoot, "dist", "apps", "cli", "main.js");

/** What a command left behind when it ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end in the folder `cwd`, in this very process. One after the other: a process has one working folder. */
export async function suricate(cwd: string, ...args: readonly string[]): Promise<Ended> {
  const before = process.cwd();
  const said = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof said) => ({
    write: (text: string) => {
      said[name] += text;
    },
  });
  process.chdir(cwd);
  try {
    const status = await runCommandLine(args, { stdout: stream("stdout"), stderr: stream("stderr") });
    return { status, ...said };
  } finally {
    process.chdir(before);
  }
}

/** Runs a command to its end in the folder `cwd`, as a process of its own. */
export function suricateProcess(cwd: string, ...args: readonly string[]): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** A command under way. */
export interface Started {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Resolves when stderr has this text; rejects where the process ends before. */
  said(text: string): Promise<void>;
  /** Resolves when the process has ended: its code or the signal that ended it. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly stderr: string }>;
}

/** Starts a command. */
export function startSuricate(cwd: string, ...args: readonly string[]): Started {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Started["ended"]>>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, stderr }));
  });
  const said = async (text: string) => {
    while (!stderr.includes(text)) {
      const came = new Promise<"more">((resolve) => child.stderr.once("data", () => resolve("more")));
      if ((await Promise.race([came, ended])) !== "more" && !stderr.includes(text))
        throw new Error(`expected "${text}" on stderr, got: ${stderr}`);
    }
  };
  return { child, said, ended };
}

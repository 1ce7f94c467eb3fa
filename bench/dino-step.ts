// What bench vit-step and bench resnet-step share: one DINO training step, Suricate's beside PyTorch's in fp32 and bf16.
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import { type BenchOptions, type BenchResult, benchResult, type Contestant, suricateSide, takeTurns } from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";
import { torchContestants } from "./torch-contestants.ts";

/** What both sides are given. `patch`, `dim`, `depth` and `heads` are a Vision Transformer's. */
export interface DinoStepSize {
  readonly backbone: "vit" | "resnet50";
  readonly patch?: number;
  readonly dim?: number;
  readonly depth?: number;
  readonly heads?: number;
  readonly optimizer: "adamw" | "sgd";
  readonly weightDecay: number;
  readonly images: number;
  readonly numGlobal: number;
  readonly globalSize: number;
  readonly numLocal: number;
  readonly localSize: number;
  readonly hidden: number;
  readonly bottleneck: number;
  readonly prototypes: number;
}

/** The paper's views and head, two crops a step. */
export const PAPER_STEP = {
  ...{ images: 2, numGlobal: 2, globalSize: 224, numLocal: 8, localSize: 96 },
  ...{ hidden: 2048, bottleneck: 256, prototypes: 65536 },
} as const;

const NUM_THREADS = 2;

/** To hold a step's time against. */
export interface StepYardstick {
  /** Of matrix products and convolutions in a step. */
  readonly gigaflop: number;
  /** What a large product reaches here. */
  readonly peakGigaflopPerSecond: number;
}

/** Measured anew at every call. Throws Error with what the measuring program said. */
export function dinoStepYardstick(size: DinoStepSize): StepYardstick {
  const { command, args } = suricateSide("dino-step-yardstick", [JSON.stringify({ ...size, numThreads: NUM_THREADS })]);
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`bench: the yardstick could not be taken: ${stderr.trim()}`);
  return JSON.parse(stdout);
}

/** Suricate, PyTorch in fp32, PyTorch under bf16 autocast. */
export function dinoStepContestants(size: DinoStepSize): Contestant[] {
  const suricate = suricateSide("dino-step-turns", [JSON.stringify({ ...size, numThreads: NUM_THREADS })]);
  return [suricate, ...torchContestants("dino_step.py", size, NUM_THREADS)];
}

/** Runs the benchmark. `what` names the work in the notes. Throws Error where Python has no torch. */
export async function runDinoStep(name: string, size: DinoStepSize, what: string, options: BenchOptions): Promise<BenchResult> {
  const { gigaflop, peakGigaflopPerSecond } = dinoStepYardstick(size);
  const timings = await takeTurns(dinoStepContestants(size), options);
  const [suricate] = timings;
  const losses = timings.map((timing) => `${timing.name} ${timing.values["loss"]?.toFixed(2)}`);
  const rate = gigaflop / suricate!.median;
  return benchResult(name, timings, {
    peak: rate / peakGigaflopPerSecond,
    notes: [
      `${what}, ${size.images} images of ${size.numGlobal}x${size.globalSize} + ${size.numLocal}x${size.localSize} pixels, ${size.prototypes} prototypes: ${gigaflop.toFixed(0)} GFLOP of products a step.`,
      `${rate.toFixed(0)} GFLOP/s; a large matrix product reaches ${peakGigaflopPerSecond.toFixed(0)}.`,
      `${NUM_THREADS} threads, ${cpus()[0]?.model ?? "unknown processor"}, ${torchVersion()}; ${options.turns} turns each.`,
      `Loss at the last turn: ${losses.join(", ")}.`,
    ],
  });
}

function torchVersion(): string {
  const program = "import torch; print('PyTorch', torch.__version__)";
  return spawnSync(peerPython(["torch"]), ["-c", program], { encoding: "utf8", env: peerEnvironment() }).stdout.trim();
}

// bench vit-step: one DINO training step of a Vision Transformer, Suricate's beside PyTorch's in fp32 and bf16 (paper section 3.2).
import { spawnSync } from "node:child_process";
import { cpus } from "node:os";
import {
  type BenchOptions,
  type BenchResult,
  benchResult,
  type Contestant,
  peerScript,
  suricateSide,
  takeTurns,
} from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";

/** What both sides are given. */
export interface VitStepSize {
  readonly images: number;
  readonly numGlobal: number;
  readonly globalSize: number;
  readonly numLocal: number;
  readonly localSize: number;
  readonly patch: number;
  readonly dim: number;
  readonly depth: number;
  readonly heads: number;
  readonly hidden: number;
  readonly bottleneck: number;
  readonly prototypes: number;
}

/** ViT-S/8 as in the paper, two crops a step. */
const VIT_S: VitStepSize = {
  images: 2,
  numGlobal: 2,
  globalSize: 224,
  numLocal: 8,
  localSize: 96,
  patch: 8,
  dim: 384,
  depth: 12,
  heads: 6,
  hidden: 2048,
  bottleneck: 256,
  prototypes: 65536,
};

const NUM_THREADS = 2;

/** Suricate, PyTorch in fp32, PyTorch under bf16 autocast. */
export function vitStepContestants(size: VitStepSize): Contestant[] {
  const python = peerPython(["torch"]);
  const flags = Object.entries(size).flatMap(([name, value]) => [
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    `${value}`,
  ]);
  const peer = (name: string, precision: string): Contestant => ({
    name,
    command: python,
    args: ["-B", peerScript("vit_step.py"), "--precision", precision, "--threads", `${NUM_THREADS}`, ...flags],
    env: peerEnvironment(NUM_THREADS),
  });
  const suricate = suricateSide("vit-step-turns", [JSON.stringify({ ...size, numThreads: NUM_THREADS })]);
  return [suricate, peer("PyTorch fp32", "fp32"), peer("PyTorch bf16", "bf16")];
}

/** Runs the benchmark at the paper's size. Throws Error where Python has no torch. */
export async function run(options: BenchOptions): Promise<BenchResult> {
  const timings = await takeTurns(vitStepContestants(VIT_S), options);
  const [suricate] = timings;
  const { gigaflop, peakGigaflopPerSecond } = suricate!.values as Record<"gigaflop" | "peakGigaflopPerSecond", number>; // vit-step-turns.ts sends both
  const losses = timings.map(({ name, values }) => `${name} ${values["loss"]?.toFixed(2)}`);
  return benchResult("vit-step", timings, {
    peak: gigaflop / suricate!.median / peakGigaflopPerSecond,
    notes: [
      `ViT-S/8, ${VIT_S.images} images of 2x224 + 8x96 pixels, 65,536 prototypes: ${gigaflop.toFixed(0)} GFLOP of products a step.`,
      `${NUM_THREADS} threads, ${cpus()[0]?.model ?? "unknown processor"}, ${torchVersion()}; ${options.turns} turns each.`,
      `Loss at the last turn: ${losses.join(", ")}.`,
    ],
  });
}

function torchVersion(): string {
  const program = "import torch; print('PyTorch', torch.__version__)";
  return spawnSync(peerPython(["torch"]), ["-c", program], { encoding: "utf8", env: peerEnvironment() }).stdout.trim();
}

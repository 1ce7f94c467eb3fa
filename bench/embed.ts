// What bench embed-vit and bench embed-resnet share: a frozen backbone over a few images, Suricate's beside PyTorch's.
import { cpus } from "node:os";
import { type BenchOptions, type BenchResult, benchResult, type Contestant, suricateSide, takeTurns } from "./harness.ts";
import { torchContestants } from "./torch-contestants.ts";

/** What both sides are given: images of one size through a backbone by name ("vit-s8", "resnet50"). */
export interface EmbedSize {
  readonly backbone: string;
  readonly images: number;
  readonly side: number;
}

/** Eight images of 224 pixels, as a user would embed them. */
export const PAPER_IMAGES = { images: 8, side: 224 } as const;

const NUM_THREADS = 2;

/** Suricate, PyTorch in fp32, PyTorch under bf16 autocast, and Suricate with 8-bit weights where the backbone has such a form. */
export function embedContestants(size: EmbedSize): Contestant[] {
  const ours = (precision: "float32" | "int8") =>
    suricateSide("embed-turns", [JSON.stringify({ ...size, precision, numThreads: NUM_THREADS })]);
  const contestants = [ours("float32"), ...torchContestants("embed.py", size, NUM_THREADS)];
  return size.backbone.startsWith("vit") ? [...contestants, { ...ours("int8"), name: "Suricate int8" }] : contestants;
}

/** Runs the benchmark. Throws Error where Python has no torch. */
export async function runEmbed(name: string, size: EmbedSize, options: BenchOptions): Promise<BenchResult> {
  const timings = await takeTurns(embedContestants(size), options);
  const rates = timings.map((timing) => `${timing.name} ${(size.images / timing.median).toFixed(1)}`);
  const [suricate] = timings;
  const { gigaflop, peakGigaflopPerSecond } = suricate!.values as Record<"gigaflop" | "peakGigaflopPerSecond", number>; // embed-turns.ts sends both
  return benchResult(name, timings, {
    peak: gigaflop / suricate!.median / peakGigaflopPerSecond,
    notes: [
      `${size.backbone}, ${size.images} images of ${size.side} pixels. Images per second: ${rates.join(", ")}.`,
      `${gigaflop.toFixed(0)} GFLOP of products; a large matrix product reaches ${peakGigaflopPerSecond.toFixed(0)} GFLOP/s.`,
      `${NUM_THREADS} threads, ${cpus()[0]?.model ?? "unknown processor"}; ${options.turns} turns each.`,
    ],
  });
}

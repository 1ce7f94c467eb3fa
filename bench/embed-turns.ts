// Suricate's side of bench embed-vit and embed-resnet: one batch through a frozen backbone a turn.
import { randomFor, sizeOf } from "#base/array";
import { Graph, named } from "#engine/graph";
import { backbone, backboneBuffers, backboneConfigOf, backboneParameters, type FrozenOptions, parameterInputs } from "#engine/nn";
import { openDevice } from "#engine/runtime/native";
import { openBackbone } from "#learn/embeddings/native";
import type { EmbedSize } from "./embed.ts";
import { measuredProductRate, productFlops } from "./flops.ts";
import { serveTurns } from "./turns.ts";

type Size = EmbedSize & { readonly precision: NonNullable<FrozenOptions["precision"]>; readonly numThreads: number };

const { backbone: name, images: count, side, precision, numThreads }: Size = JSON.parse(process.argv[2] ?? "{}");

/** Of the plain network: what a fused or folded form saves is not counted as work. */
function gigaflopOf(): number {
  const config = backboneConfigOf(name, side)!; // the benchmarks name shapes that there are
  const graph = new Graph("plain");
  const parameters = parameterInputs(graph, [...backboneParameters(config), ...backboneBuffers(config)], "");
  const images = named(graph.input("images", [count, 1, side, side]), "B C H W", "images");
  graph.output("embedding", backbone(images, parameters, config, { mode: "running" }).embedding);
  return productFlops(graph) / 1e9;
}

const device = openDevice({ device: "cpu", numThreads });
const peakGigaflopPerSecond = (await measuredProductRate(device)) / 1e9;
const gigaflop = gigaflopOf();
const frozen = await openBackbone(`random:${name}`, { cropSize: side, batchSize: count, inputSize: side, numThreads, precision });
const random = randomFor(0, "bench images");
const pictures = Float32Array.from({ length: sizeOf([count, side, side]) }, () => random.uniform());

async function turn() {
  const embeddings = await frozen.embed(pictures, count);
  if (!embeddings.every(Number.isFinite)) throw new Error("an embedding is not finite");
  return { gigaflop, peakGigaflopPerSecond };
}

await serveTurns({
  warm: async () => {
    for (let repeat = 0; repeat < 3; repeat++) await turn();
  },
  turn,
});

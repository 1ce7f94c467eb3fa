// How much a step of bench vit-step and resnet-step multiplies, and how fast this machine does: in a process of its own, so that it adds
// nothing to the memory of the one that is measured. Prints a StepYardstick.
import { openDevice } from "#engine/runtime/native";
import { buildPassGraph, buildPrototypeGraph, buildTargetGraph, type DinoConfig, passKinds, stepShape } from "#learn/dino";
import type { StepYardstick } from "./dino-step.ts";
import { configOf, type StepSize } from "./dino-step-config.ts";
import { measuredProductRate, productFlops } from "./flops.ts";

function stepGigaflop(config: DinoConfig): number {
  const shape = stepShape(config);
  const kinds = passKinds(config, shape);
  const once = [buildTargetGraph(config, shape), buildPrototypeGraph(config, kinds, "replace")];
  const ofPasses = kinds.map((kind) => kind.numPasses * productFlops(buildPassGraph(config, shape, kind, "add")));
  return [...once.map(productFlops), ...ofPasses].reduce((sum, flops) => sum + flops, 0) / 1e9;
}

const size: StepSize = JSON.parse(process.argv[2] ?? "{}");
const device = await openDevice({ device: "cpu", numThreads: size.numThreads });
const yardstick: StepYardstick = {
  gigaflop: stepGigaflop(configOf(size)),
  peakGigaflopPerSecond: (await measuredProductRate(device)) / 1e9,
};
device.close();
console.log(JSON.stringify(yardstick));

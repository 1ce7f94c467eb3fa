// bench vit-step and resnet-step with both sides at a small size: what is timed must be the same work.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DinoStepSize, dinoStepContestants, dinoStepYardstick } from "../../bench/dino-step.ts";
import { takeTurns } from "../../bench/harness.ts";
import { pythonSkip } from "../python.ts";

const views = { images: 2, numGlobal: 2, globalSize: 32, numLocal: 3, localSize: 16 };
/** Large enough that batch normalisation has dozens of places a channel to the last: of six, bf16 may find no spread at all. */
const viewsOfResnet = { images: 4, numGlobal: 2, globalSize: 64, numLocal: 3, localSize: 48 };
const head = { hidden: 32, bottleneck: 16, prototypes: 512 };

const sizes: readonly DinoStepSize[] = [
  { ...views, ...head, backbone: "vit", patch: 8, dim: 24, depth: 2, heads: 2, optimizer: "adamw", weightDecay: 0.04 },
  { ...viewsOfResnet, ...head, backbone: "resnet50", optimizer: "sgd", weightDecay: 1e-4 },
];

const skip = pythonSkip(["torch"]);

for (const size of sizes) {
  test(`Suricate and both PyTorch peers take whole training steps of a ${size.backbone}, and every turn is timed`, { skip }, () =>
    assertTurns(size),
  );
}

async function assertTurns(size: DinoStepSize): Promise<void> {
  const timings = await takeTurns(dinoStepContestants(size), { turns: 3 });
  assert.deepEqual(
    timings.map(({ name }) => name),
    ["Suricate", "PyTorch fp32", "PyTorch bf16"],
  );
  for (const { name, seconds, peakBytes, values } of timings) {
    assert.equal(seconds.length, 3);
    assert.ok(seconds.every((value) => value > 0 && value < 60));
    assert.ok(peakBytes > 20e6 && peakBytes < 4e9, `${name}: ${peakBytes}`);
    // Between a teacher that has chosen one prototype and one that knows none (ln 512 = 6.24).
    assert.ok(values["loss"]! > 0.1 && values["loss"]! < 6.24, `${name}: loss ${values["loss"]}`);
  }
  const { gigaflop, peakGigaflopPerSecond } = dinoStepYardstick(size);
  assert.ok(gigaflop > 0 && peakGigaflopPerSecond > 1);
}

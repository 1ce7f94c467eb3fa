// Loss scaling against PyTorch's documented rule: growth by 2 after 2,000 finite steps, backoff by 0.5.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_LOSS_SCALING, nextLossScaling } from "#engine/nn";

test("a scale begins at 65536 and doubles after every 2,000 finite steps", () => {
  let scaling = FIRST_LOSS_SCALING;
  for (let step = 1; step <= 4000; step++) {
    scaling = nextLossScaling(scaling, "finite");
    assert.equal(scaling.scale, step < 2000 ? 65536 : step < 4000 ? 131072 : 262144, `step ${step}`);
  }
});

test("an overflow halves the scale at once, and the count of finite steps begins again", () => {
  let scaling = { scale: 1024, numFiniteSteps: 1999 };
  scaling = nextLossScaling(scaling, "overflow");
  assert.deepEqual(scaling, { scale: 512, numFiniteSteps: 0 });
  scaling = nextLossScaling(scaling, "overflow");
  assert.equal(scaling.scale, 256);
  for (let step = 0; step < 1999; step++) scaling = nextLossScaling(scaling, "finite");
  assert.equal(scaling.scale, 256);
  assert.equal(nextLossScaling(scaling, "finite").scale, 512);
});

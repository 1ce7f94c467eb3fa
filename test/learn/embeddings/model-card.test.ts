// The model card of an exported backbone: what it says of where the backbone learnt.
import assert from "node:assert/strict";
import { test } from "node:test";
import { vitConfigSchema } from "#engine/nn";
import { modelCard } from "#learn/embeddings";

/** The card of a run on a set that was cut as `tiling` says. */
function cardOf(tiling: string): string {
  const cropSet = {
    ...{ name: "a set", crops: 12, fields: 3, cropSize: 64, fluxUnit: "Jy/beam", tiling, lowPercentile: 2, highPercentile: 98 },
  };
  const info = {
    ...{ format: "suricate-run-1" as const, createdAt: "2026-01-01T00:00:00Z", versions: {}, seed: 0, inputs: [], config: {} },
    ...{ cropSet, keep: { last: 1, every: null } },
  };
  const config = vitConfigSchema.parse({ embedDim: 64, depth: 1, numHeads: 1, imageSize: 16 });
  return modelCard(
    {
      ...{ name: "runs/first", config, inputSize: 16, recipe: {}, versions: {}, isUntrained: false },
      run: { info, epoch: 1, step: 3, seenRows: [] },
    },
    { fileName: "first.onnx", format: "onnx", numBytes: 1, sha256: "00" },
  );
}

test("a card says of fields that they are fields, and of pictures that they are pictures", () => {
  const ofFields = cardOf("cover");
  assert.match(ofFields, /on crops of wide-field radio images\./);
  assert.match(ofFields, /limits at 2 and 98 % of each field\)/);
  const ofPictures = cardOf("images");
  assert.match(ofPictures, /on pictures of radio sources\./);
  assert.match(ofPictures, /limits at 2 and 98 % of each picture\)/);
});

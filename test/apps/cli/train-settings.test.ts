// Settings of a training as the command line gives them: presets, files over presets, single settings over both.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { resolvedConfig } from "../../../apps/cli/train/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-settings-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function withFile(text: string) {
  const config = join(folder, "settings.yaml");
  writeFileSync(config, text);
  return resolvedConfig({ preset: "small", config, set: ["numEpochs=2"] });
}

test("a file goes over a preset, setting by setting", () => {
  const { backbone, views, numEpochs } = withFile("backbone: { depth: 3 }\nviews: { numLocalViews: 2 }\n");
  assert.deepEqual(
    [backbone.depth, "embedDim" in backbone && backbone.embedDim, views.numLocalViews, views.globalViewSize, numEpochs],
    [3, 192, 2, 96, 2],
  );
});

test("a file that names another kind of backbone has none of the preset's backbone, and all of its other settings", () => {
  const { backbone, batchSize, head } = withFile("backbone: { kind: resnet, depth: 18, width: 32 }\n");
  assert.deepEqual(
    { ...backbone },
    {
      ...{ kind: "resnet", imageChannels: 1, depth: 18, width: 32, stemKernelSize: 7, stemStride: 2, stemPooling: "max" },
      imageSize: 224,
    },
  );
  assert.deepEqual([batchSize, head.numPrototypes], [16, 4096]);
});

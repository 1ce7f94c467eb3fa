// suricate settings: what a training can be told, as a file that train reads.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseConfig } from "#base/yaml";
import { DINO_PRESETS, dinoConfigSchema } from "#learn/dino";
import { suricate } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-settings-"));
after(() => rmSync(folder, { recursive: true }));

test("settings prints a preset whole, as YAML that --config reads to the same settings", async () => {
  const { status, stdout, stderr } = await suricate(folder, "settings", "small", "--set", "numEpochs=7");
  assert.equal(status, 0, stderr);
  const printed = parseConfig(dinoConfigSchema, stdout, "stdout");
  assert.deepEqual(printed, { ...dinoConfigSchema.parse(DINO_PRESETS["small"]), numEpochs: 7 });
  assert.match(stdout, /^ {2}blurSigma:$/m);
  writeFileSync(join(folder, "mine.yaml"), stdout);
  const again = await suricate(folder, "settings", "--config", "mine.yaml", "--json");
  assert.deepEqual(JSON.parse(again.stdout), printed);
});

test("the JSON Schema names every setting, and refuses others", async () => {
  const { status, stdout, stderr } = await suricate(folder, "settings", "--schema");
  assert.equal(status, 0, stderr);
  const { properties, additionalProperties } = JSON.parse(stdout);
  assert.deepEqual(Object.keys(properties), Object.keys(dinoConfigSchema.shape));
  assert.equal(additionalProperties, false);
});

test("an unknown preset and a schema of something are wrong usage", async () => {
  for (const [args, message] of [
    [["smal"], /^suricate: ConfigError: --preset smal: expected one of .*Did you mean "small"\?/],
    [["small", "--schema"], /^suricate: ConfigError: settings: --schema: expected no preset, --config and --set beside it/],
  ] as const) {
    const { status, stderr } = await suricate(folder, "settings", ...args);
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
});

// suricate train, as a person calls it: what it writes and prints, and what each mistake is told.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatYaml } from "#base/yaml";
import { readRun } from "#learn/runs/disk";
import { TINY_SETTINGS, writeSyntheticCrops } from "../../learn/dino/training-case.ts";
import { suricate } from "./suricate.ts";

let folder = "";
const at = (name: string) => join(folder, name);
const train = (...args: readonly string[]) => suricate(folder, "train", ...args);
/** A tiny training of one epoch, three steps. */
const tiny = ["--config", "tiny.yaml", "--threads", "1", "--set", "numEpochs=1"];

/** Asserts that a command failed with this one line and nothing else: 1, or 2 where the command line itself is wrong. */
async function assertFails(args: readonly string[], line: string | RegExp, wanted = 1): Promise<void> {
  const { status, stdout, stderr } = await train(...args);
  assert.equal(status, wanted, stderr);
  assert.equal(stdout, "");
  if (typeof line === "string") assert.equal(stderr, `suricate: ${line}\n`);
  else assert.match(stderr, line);
  assert.equal(stderr.split("\n").length, 2, stderr);
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "suricate-train-cli-"));
  await writeSyntheticCrops(at("crops"), 12);
  await writeSyntheticCrops(at("more-crops"), 13);
  writeFileSync(at("tiny.yaml"), formatYaml(TINY_SETTINGS));
  const { status, stderr } = await train("crops", "--out", "run", ...tiny, "--set", "seed=4");
  assert.equal(status, 0, stderr);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("train --help shows examples, presets and what Ctrl-C does", async () => {
  const { status, stdout } = await train("--help");
  assert.equal(status, 0);
  assert.match(stdout, /Examples:\n {2}suricate train crops --out runs\/first --preset small --standardise\n/);
  assert.match(stdout, /Presets: paper-vit, .*small\./);
  assert.match(stdout, /--resume.*newest checkpoint/);
  assert.match(stdout, /Ctrl-C stops after the step under way, with a checkpoint \(exit code 130/);
});

test("train writes a run whose config.yaml has every setting, the seed and the crop set's hash", () => {
  const { info, seenRows, metrics, checkpoints } = readRun(at("run"));
  assert.deepEqual(checkpoints, ["epoch-001"]);
  assert.equal(metrics.length, 3);
  assert.equal(info.seed, 4);
  assert.equal(info.config["numEpochs"], 1);
  assert.equal(info.config["studentTemperature"], 0.1);
  assert.deepEqual(
    info.inputs.map(({ name }) => name),
    ["crop set"],
  );
  assert.match(info.inputs[0]!.sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(Object.keys(info.versions), ["suricate", "node", "onnxruntime-node"]);
  assert.equal(seenRows[0]?.ids.length, 12);
});

test("train --json prints one JSON document on stdout, and all else goes to stderr", async () => {
  const { status, stdout, stderr } = await train("crops", "--out", "json", ...tiny, "--json", "--view-threads", "0");
  assert.equal(status, 0, stderr);
  const said = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([said["run"], said["outcome"], said["epoch"], said["step"]], ["json", "finished", 1, 3]);
  const last = readRun(at("json")).metrics.at(-1)!;
  assert.equal((said["lastMetrics"] as Record<string, number>)["loss"], last["loss"]);
  assert.match(stderr, /^Training on 12 crops: 1 epoch of 3 steps\.\n/);
  assert.match(stderr, /train: 3\/3 steps/);
  assert.match(stderr, /Trained 1 epoch, 3 steps: json\n$/);
});

test("a preset, a file and single settings are laid over one another in this order", async () => {
  writeFileSync(at("half.yaml"), formatYaml({ ...TINY_SETTINGS, batchSize: 6, head: { hiddenDim: 16, bottleneckDim: 8 } }));
  const args = ["--preset", "small", "--config", "half.yaml", "--set", "numEpochs=1", "--set", "head.hiddenDim=12"];
  const { status, stderr } = await train("crops", "--out", "layers", ...args, "--threads", "1");
  assert.equal(status, 0, stderr);
  const { config } = readRun(at("layers")).info;
  // 4096 and 0.99 are the preset's, 8 and 6 the file's, 12 the command line's, 0.1 nobody's but the schema's.
  assert.deepEqual(config["head"], { hiddenDim: 12, bottleneckDim: 8, numPrototypes: 4096 });
  assert.deepEqual([config["teacherMomentum"], config["batchSize"], config["studentTemperature"]], [0.99, 6, 0.1]);
});

test("a run that is there already is neither changed nor written over", async () => {
  const before = readFileSync(at("run/metrics.jsonl"), "utf8");
  await assertFails(
    ["crops", "--out", "run", ...tiny],
    "ConfigError: --out run: expected a new folder, got one that holds a run. Use --resume to go on with it, or another --out.",
  );
  assert.equal(readFileSync(at("run/metrics.jsonl"), "utf8"), before);
});

test("--resume of a run that is trained already says so: no steps, no bar, and no further event file", async () => {
  const args = ["crops", "--out", "done", ...tiny];
  assert.equal((await train(...args)).status, 0);
  const before = readdirSync(at("done")).toSorted();
  const { status, stderr } = await train("crops", "--out", "done", "--resume");
  assert.equal(status, 0, stderr);
  assert.equal(stderr, "done is trained already: 1 epoch, 3 steps. Train on with --resume --set numEpochs=MORE.\n");
  assert.deepEqual(readdirSync(at("done")).toSorted(), before);
});

test("a device that cannot be opened leaves no run behind", async (t) => {
  const { status, stderr } = await train("crops", "--out", "no-device", ...tiny, "--device", "cuda");
  if (status === 0) return t.skip("there is a GPU here");
  assert.match(stderr, /^suricate: device cuda: /m);
  assert.ok(!existsSync(at("no-device")));
});

test("--resume goes on with other settings where --set asks for it, and config.yaml says so", async () => {
  await train("crops", "--out", "longer", ...tiny);
  const { status, stderr } = await train("crops", "--out", "longer", "--resume", "--set", "numEpochs=2", "--threads", "1");
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^Training on 12 crops: 2 epochs of 3 steps, from step 3\.\n/);
  const { info, metrics } = readRun(at("longer"));
  assert.equal(info.config["numEpochs"], 2);
  assert.deepEqual(
    info.changes?.map(({ step, settings }) => [step, settings]),
    [[3, ["numEpochs=2"]]],
  );
  assert.deepEqual(
    metrics.map(({ step }) => step),
    [1, 2, 3, 4, 5, 6],
  );
  // The same settings again are no change, and nothing is left to do.
  assert.equal((await train("crops", "--out", "longer", "--resume", "--set", "numEpochs=2")).status, 0);
  assert.equal(readRun(at("longer")).info.changes?.length, 1);
});

test("--resume refuses another crop set, another network and another file of settings, and leaves the run as it was", async () => {
  const before = readFileSync(at("run/config.yaml"), "utf8");
  await assertFails(
    ["more-crops", "--out", "run", "--resume"],
    /^suricate: ConfigError: train: --resume run: expected the crop set that it was trained on \(SHA-256 [0-9a-f]{12}\.\.\.\), got another \([0-9a-f]{12}\.\.\.\)\.\n$/,
  );
  await assertFails(
    ["crops", "--out", "run", "--resume", "--set", "backbone.depth=3"],
    'ConfigError: train: "backbone" cannot change in a run that goes on: its state and its order of crops come from the first one. Begin another run.',
  );
  await assertFails(
    ["crops", "--out", "run", "--resume", "--preset", "small"],
    "ConfigError: train: --resume goes on with the run's own settings: leave out --preset, --config and --standardise. Single ones: --set.",
    2,
  );
  await assertFails(
    ["crops", "--out", "nowhere", "--resume"],
    "ConfigError: nowhere: not a run folder: expected a file config.yaml in it, got none.",
  );
  assert.equal(readFileSync(at("run/config.yaml"), "utf8"), before);
  assert.ok(!existsSync(at("nowhere")));
});

test("a mistyped preset or setting is told the nearest name, or all names, and no run is made", async () => {
  await assertFails(
    ["crops", "--out", "none", "--preset", "smal"],
    'ConfigError: --preset smal: expected one of paper-vit, paper-vit-constant-decay, paper-resnet, small. Did you mean "small"?',
    2,
  );
  await assertFails(["crops", "--out", "none", "--preset", "constructor"], /expected one of paper-vit/, 2);
  await assertFails(
    ["crops", "--out", "none", ...tiny, "--set", "numEpoch=1"],
    'ConfigError: --set numEpoch: "numEpoch" is not a setting. Did you mean "numEpochs"?',
    2,
  );
  await assertFails(
    ["crops", "--out", "none", ...tiny, "--set", "traning=1"],
    /^suricate: ConfigError: --set traning: "traning" is not a setting\. There are: seed, backbone, head, .*\.\n$/,
    2,
  );
  await assertFails(
    ["crops", "--out", "none", ...tiny, "--set", "batchSize=two"],
    'ConfigError: --set: "batchSize": expected a number, got "two".',
    2,
  );
  assert.ok(!existsSync(at("none")));
});

test("a file of settings that is not there, or holds none, is one clear line", async () => {
  await assertFails(["crops", "--out", "none", "--config", "no.yaml"], "no.yaml: cannot be read: no such file or folder.");
  writeFileSync(at("list.yaml"), "- 1\n- 2\n");
  await assertFails(
    ["crops", "--out", "none", "--config", "list.yaml"],
    "ConfigError: list.yaml: expected a group of settings, got [1,2].",
  );
  writeFileSync(at("bad.yaml"), "numEpochs: 3\nbachSize: 2\n");
  await assertFails(
    ["crops", "--out", "none", "--config", "bad.yaml"],
    'ConfigError: bad.yaml: "bachSize" is not a setting. Did you mean "batchSize"?',
  );
});

test("what cannot be trained is told before a run is made", async () => {
  await assertFails(
    ["crops", "--out", "none", ...tiny, "--set", "batchSize=13"],
    "ConfigError: train: expected at least the 13 crops of one step (batchSize 13 x numAccumulatedBatches 1), got a crop set with 12 to train on. Lower batchSize.",
  );
  await assertFails(
    ["crops", "--out", "none", ...tiny, "--set", "views.localViewSize=9"],
    "ConfigError: views.localViewSize: expected a side that patches of 4 pixels divide (backbone.patchSize), got 9.",
  );
  await assertFails(
    ["no-crops", "--out", "none", ...tiny],
    'no-crops: not a crop set: expected a folder with cropset.json. Make one with "suricate prepare".',
  );
  assert.ok(!existsSync(at("none")));
});

test("training that diverges fails with one line, and --resume with a lower rate mends it", async () => {
  const { status, stderr } = await train(
    "crops",
    "--out",
    "hot",
    ...tiny,
    "--set",
    "learningRatePer256=1e30",
    "--set",
    "numWarmupEpochs=0",
  );
  assert.equal(status, 1);
  assert.match(stderr, /\nsuricate: DivergenceError: step 2 \(epoch 0\): .* State saved in hot\/before-nan\. .*\n$/);
  const mended = await train("crops", "--out", "hot", "--resume", "--set", "learningRatePer256=0.01", "--threads", "1");
  assert.equal(mended.status, 0, mended.stderr);
  assert.equal(readRun(at("hot")).metrics.length, 3);
});

test("crops with counts are probed, the error and its interval are in the metrics, and a converged training says why it ends", async () => {
  await writeSyntheticCrops(at("counted"), 26, { testRows: [0, 7] });
  const settings = ["numEpochs=9", "probe.everyEpochs=1", "stopping.patienceEpochs=1", "stopping.lossFraction=0.5"];
  const args = ["counted", "--out", "probed", "--config", "tiny.yaml", "--threads", "1", "--json"];
  const { status, stdout, stderr } = await train(...args, ...settings.flatMap((setting) => ["--set", setting]));
  assert.equal(status, 0, stderr);
  // 24 crops to train on: 30 % of them judge.
  assert.match(stderr, /\nProbing sourceCount every epoch: fitted on 17 of the training crops, judged on 7\.\n/);
  assert.match(
    stderr,
    /\nConverged after 2 epochs, 12 steps: the loss has not fallen by 50 % in an epoch \(.*\)\. Run: probed\. Go on all the same with: suricate train counted --out probed --resume --set stopping\.patienceEpochs=null\n$/,
  );
  const { outcome, reason } = JSON.parse(stdout) as { readonly outcome: string; readonly reason: string };
  assert.equal(outcome, "converged");
  assert.match(reason, /^the loss has not fallen/);
  const probed = readRun(at("probed")).metrics.filter(({ probeError }) => probeError !== undefined);
  assert.deepEqual(
    probed.map(({ step }) => step),
    [6, 12],
  );
  for (const { probeError = 0, probeErrorLow = 1, probeErrorHigh = 0 } of probed) {
    assert.ok(probeErrorLow <= probeError && probeError <= probeErrorHigh);
    // Counts run from 1 to 6: a probe that knew nothing but their mean would err by about 2.9.
    assert.ok(probeError > 0.01 && probeError < 12, `${probeError}`);
  }
});

test("wrong usage ends with exit code 2 and names the option", async () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["crops"], /suricate: required option '--out <run>' not specified/],
    [["--out", "none"], /suricate: missing required argument 'cropset'/],
    [["crops", "--out", "none", "--threads", "x"], /'--threads <n>' argument 'x' is invalid\. Expected a whole number from 1/],
    [["crops", "--out", "none", "--threads", "0"], /'--threads <n>' argument '0' is invalid\. Expected a whole number from 1/],
    [["crops", "--out", "none", "--view-threads", "-1"], /Expected a whole number from 0/],
    [["crops", "--out", "none", "--device", "tpu"], /Allowed choices are cpu, webgpu, cuda\./],
    [["crops", "--out", "none", "--reume"], /unknown option '--reume'\n\(Did you mean --resume\?\)/],
  ];
  for (const [args, said] of wrong) {
    const { status, stdout, stderr } = await train(...args);
    assert.equal(status, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, said);
  }
});

test("--verbose shows where an error arose", async () => {
  const args = ["crops", "--out", "none", "--preset", "smal"];
  assert.doesNotMatch((await train(...args)).stderr, /\n {4}at /);
  const { status, stderr } = await train(...args, "--verbose");
  assert.equal(status, 2);
  assert.match(stderr, /^suricate: ConfigError: --preset smal: .*\n {4}at /);
});

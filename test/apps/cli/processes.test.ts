// Every command as people start it, a process of its own: it ends by itself, and stdout is its one document.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatPng } from "#base/files";
import { formatYaml } from "#base/yaml";
import { TINY_SETTINGS, writeSyntheticCrops } from "../../learn/dino/training-case.ts";
import { suricateProcess } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-processes-"));
after(() => rmSync(folder, { recursive: true, force: true }));

before(async () => {
  await writeSyntheticCrops(join(folder, "crops"), 12);
  writeFileSync(join(folder, "tiny.yaml"), formatYaml({ ...TINY_SETTINGS, numEpochs: 1 }));
  mkdirSync(join(folder, "pictures"));
  const data = new Uint8Array(8 * 8).map((_, pixel) => pixel);
  writeFileSync(join(folder, "pictures", "a.png"), formatPng({ height: 8, width: 8, channels: 1, data }));
});

/** In the order in which each finds what those before it have made, and what each makes. */
const COMMANDS: readonly (readonly [args: string, made?: string])[] = [
  ["simulate --out sky --size 128", "sky/truth.csv"],
  ["prepare sky --size 32 --out tiles", "tiles/cropset.json"],
  ["import images pictures --out imported", "imported/cropset.json"],
  ["inspect tiles"],
  ["catalogue sky/truth.csv --out truth.reg", "truth.reg"],
  ["split crops"],
  ["subset crops --crops 6 --out fewer", "fewer/cropset.json"],
  ["settings small"],
  ["train crops --config tiny.yaml --out run", "run/checkpoints/epoch-001.safetensors"],
  ["backbones"],
  ["embed crops --backbone run --out run.parquet", "run.parquet"],
  ["export run --out run.onnx", "run.onnx"],
  ["evaluate cka run.parquet run.parquet --out cka.json", "cka.json"],
  ["project run.parquet --method pca --out pca.svg", "pca.svg"],
  ["attention crops --crop crop-3 --backbone run --out attention.png", "attention.png"],
  ["search run.parquet --like crop-3 --out like.csv", "like.csv"],
  ["report run crops --out report", "report/report.html"],
];

/** demo takes minutes (test/slow/demo.test.ts); every test of grid is of processes (grid.test.ts). */
const ELSEWHERE = ["demo", "grid"];

for (const [args, made] of COMMANDS) {
  test(`suricate ${args} as a process ends with exit code 0 and one document on stdout`, () => {
    const { status, stdout, stderr } = suricateProcess(folder, ...args.split(" "), "--json");
    assert.equal(status, 0, stderr);
    assert.equal(typeof JSON.parse(stdout), "object");
    // What Node itself would say: a warning, or a stack.
    assert.doesNotMatch(stderr, /Warning:|\n {4}at /);
    if (made !== undefined) assert.ok(existsSync(join(folder, made)), stderr);
  });
}

test("every command that the help names is started as a process", () => {
  const { status, stdout } = suricateProcess(folder, "--help");
  assert.equal(status, 0);
  const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!).filter((name) => name !== "help");
  assert.ok(named.length > 0);
  assert.deepEqual(named.toSorted(), [...COMMANDS.map(([args]) => args.split(" ")[0]!), ...ELSEWHERE].toSorted());
});

test("a process whose command fails ends with exit code 1, and with 2 where the command line is wrong, in one line on stderr", () => {
  for (const [args, code] of [
    ["inspect nothing", 1],
    ["settings smal", 2],
  ] as const) {
    const { status, stdout, stderr } = suricateProcess(folder, ...args.split(" "));
    assert.deepEqual({ status, stdout }, { status: code, stdout: "" });
    assert.match(stderr, /^suricate: [^\n]+\n$/);
  }
});

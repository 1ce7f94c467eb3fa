import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readCatalogue } from "#sky/catalogue/disk";
import { readFieldImage } from "#sky/fits/disk";
import { MGCLS_SKY, simulateField } from "#sky/simulator";
import { writeSky } from "#sky/simulator/disk";
import { startSuricate, suricate as suricateIn } from "./suricate.ts";

const folder = mkdtempSync(join(tmpdir(), "suricate-simulate-"));
after(() => rmSync(folder, { recursive: true }));

const suricate = (...args: readonly string[]) => suricateIn(folder, ...args);

test("suricate simulate --json prints one document whose files are all there and agree with it", async () => {
  const out = join(folder, "sky");
  const { status, stdout, stderr } = await suricate(
    "simulate",
    "--out",
    out,
    "--fields",
    "2",
    "--size",
    "128",
    "--seed",
    "9",
    "--json",
  );
  assert.equal(status, 0, stderr);
  const sky = JSON.parse(stdout) as {
    simulator: string;
    seed: number;
    images: string[];
    catalogue: string;
    truth: string;
    numCatalogued: number;
  };
  assert.equal(sky.simulator, "meerkat");
  assert.equal(sky.seed, 9);
  assert.deepEqual(sky.images, [join(out, "SIM_9_00.fits"), join(out, "SIM_9_01.fits")]);
  for (const image of sky.images) assert.deepEqual([readFieldImage(image).height, readFieldImage(image).width], [128, 128]);
  assert.equal(readCatalogue(sky.catalogue).sources.length, sky.numCatalogued);
  assert.ok(existsSync(sky.truth));
});

test("a smaller simulated field keeps the shape of its primary beam, not its angle", async () => {
  const out = join(folder, "small");
  assert.equal((await suricate("simulate", "--out", out, "--small", "--fields", "1", "--size", "160")).status, 0);
  const header = readFieldImage(join(out, "SIM_1_00.fits")).header;
  assert.ok(Math.abs(header.number("PBFWHM")! / (160 * header.number("CDELT2")!) - 0.93) < 1e-9);
});

test("suricate simulate refuses a size that is no whole number, in one line, with exit code 2", async () => {
  const { status, stdout, stderr } = await suricate("simulate", "--out", join(folder, "never"), "--size", "12.5");
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /option '--size <pixels>' argument '12.5' is invalid. Expected a whole number from 1 to 4294967295, got "12.5"/,
  );
  assert.ok(!existsSync(join(folder, "never")));
});

test("suricate simulate --cutouts deals labels out in turn and writes a table of them", async () => {
  const out = join(folder, "cutouts");
  const { status, stdout, stderr } = await suricate(
    ...["simulate", "--out", out, "--cutouts", "4", "--labels", "FRI,compact", "--size", "64", "--json"],
  );
  assert.equal(status, 0, stderr);
  const written = JSON.parse(stdout) as { labels: string; numCutouts: number; numOfLabel: Record<string, number> };
  assert.deepEqual([written.numCutouts, written.numOfLabel], [4, { FRI: 2, compact: 2 }]);
  assert.match(readFileSync(written.labels, "utf8"), /^file,label,.*\nSIM_FIRST_1_0\.fits,FRI,.*\nSIM_FIRST_1_1\.fits,compact,/);
  assert.equal(readFieldImage(join(out, "SIM_FIRST_1_3.fits")).width, 64);
});

test("options of fields beside --cutouts, and labels without it, are refused in one line with exit code 2", async () => {
  for (const [args, message] of [
    [["--cutouts", "4", "--dqf", "1"], "--dqf: expected no --cutouts beside it, got both. Leave one out."],
    [["--labels", "FRI"], "--labels: expected --cutouts beside it, got none."],
  ] as const) {
    const { status, stdout, stderr } = await suricate("simulate", "--out", join(folder, "never"), ...args);
    assert.equal(status, 2);
    assert.equal(stdout, "");
    assert.ok(stderr.includes(message), stderr);
  }
  assert.ok(!existsSync(join(folder, "never")));
});

test("suricate simulate --completeness draws both curves, and its counts are in the JSON document", async () => {
  const [out, figure] = [join(folder, "complete"), join(folder, "completeness.svg")];
  const args = ["--small", "--fields", "2", "--size", "256", "--completeness", figure, "--json"];
  const { status, stdout, stderr } = await suricate("simulate", "--out", out, ...args);
  assert.equal(status, 0, stderr);
  const { detections } = JSON.parse(stdout) as { detections: readonly { numTrue: number; numFound: number; numPeaks: number }[] };
  assert.ok(detections.every(({ numTrue, numFound }) => numFound <= numTrue));
  assert.ok(detections.reduce((sum, { numPeaks }) => sum + numPeaks, 0) > 50);
  const svg = readFileSync(figure, "utf8");
  for (const words of ["completeness above 5 rms", "purity of all peaks", "peak flux / local rms"])
    assert.ok(svg.includes(words));
});

test("Ctrl-C in the middle of a large field ends simulate at once, and leaves nothing half written", async () => {
  const out = join(folder, "stopped");
  const { child, ended } = startSuricate(folder, "simulate", "--out", out, "--fields", "9");
  while (!existsSync(out) || readdirSync(out).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(
    readdirSync(out).every((name) => name.startsWith(".")),
    "catalogue and truth under way",
  );
  const asked = performance.now();
  child.kill("SIGINT");
  const { code, stderr } = await ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /^suricate: stopped: the fields so far are whole, catalogue\.csv and truth\.csv are not written\.$/m);
  assert.deepEqual(readdirSync(out), []);
  assert.ok(performance.now() - asked < 5000, "a field takes longer");
});

test("a large field that a thread has made is the field itself, and a thread's error is told", async () => {
  const config = { ...MGCLS_SKY, numFields: 1, fieldSize: 1024, numPlanes: 1 } as const;
  const out = join(folder, "threaded");
  const { images } = await writeSky(config, 5, out, () => {});
  assert.deepEqual(readFieldImage(images[0]!).pixels, simulateField(config, 5, 0).pixels);
  await assert.rejects(
    writeSky({ ...config, robust: -9 }, 5, join(folder, "wrong"), () => {}),
    RangeError,
  );
  assert.deepEqual(readdirSync(join(folder, "wrong")), []);
});

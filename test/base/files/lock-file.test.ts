// Lock files: who is kept out, and whose lock is taken.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { takeLock } from "#base/files/disk";

function newLock(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "suricate-lock-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "process");
}

/** A lock of another process, whose last sign of life is so old. */
function writeLock(file: string, text: string, silentSeconds = 0): void {
  writeFileSync(file, text);
  const time = Date.now() / 1000 - silentSeconds;
  utimesSync(file, time, time);
}

const heldText = (file: string, by: string) =>
  `run: is being written by another process${by}. Wait for it, or remove ${file} if it is something else.`;

test("a lock names its process and computer while it is held, and goes with its release", (t) => {
  const file = newLock(t);
  const lock = takeLock(file, "run");
  assert.equal(readFileSync(file, "utf8"), `${process.pid} ${hostname()}\n`);
  lock.check();
  lock.release();
  assert.ok(!existsSync(file));
});

test("one process does not take a lock twice before it has released it", (t) => {
  const file = newLock(t);
  const lock = takeLock(file, "run");
  assert.throws(() => takeLock(file, "run"), { name: "FileError", message: heldText(file, `, number ${process.pid}`) });
  lock.release();
  takeLock(file, "run").release();
});

test("living holders keep a lock: here while their process runs, elsewhere for two minutes after their last sign", (t) => {
  const file = newLock(t);
  const parent = `${process.ppid} ${hostname()}\n`;
  const holders = [
    { text: parent, silentSeconds: 0, by: `, number ${process.ppid}` },
    { text: parent, silentSeconds: 1500, by: `, number ${process.ppid}` },
    { text: `${process.pid} node-7\n`, silentSeconds: 100, by: `, number ${process.pid} on node-7` },
    { text: "", silentSeconds: 100, by: "" },
  ];
  for (const { text, silentSeconds, by } of holders) {
    writeLock(file, text, silentSeconds);
    assert.throws(() => takeLock(file, "run"), { message: heldText(file, by) });
    assert.equal(readFileSync(file, "utf8"), text);
  }
});

test("the lock of a dead holder is taken: its process has ended, or given no sign for too long", (t) => {
  const file = newLock(t);
  const ended = spawnSync(process.execPath, ["-e", ""]).pid;
  const holders = [
    { text: `${ended} ${hostname()}\n`, silentSeconds: 0 },
    // The number is another program's by now.
    { text: `${process.ppid} ${hostname()}\n`, silentSeconds: 2000 },
    { text: "12 node-7\n", silentSeconds: 140 },
    { text: "", silentSeconds: 140 },
    // An earlier process of this one's number, as in a container that was started again.
    { text: `${process.pid} ${hostname()}\n`, silentSeconds: 0 },
  ];
  for (const { text, silentSeconds } of holders) {
    writeLock(file, text, silentSeconds);
    const lock = takeLock(file, "run");
    lock.check();
    lock.release();
    assert.ok(!existsSync(file));
  }
});

test("a holder learns that its lock was taken over, and leaves the other's alone", (t) => {
  const file = newLock(t);
  const lock = takeLock(file, "run");
  writeLock(file, "12 node-7\n");
  assert.throws(() => lock.check(), {
    name: "FileError",
    message: "run: was taken over by another process, number 12 on node-7. This one writes no more.",
  });
  lock.release();
  assert.equal(readFileSync(file, "utf8"), "12 node-7\n");
});

test("a lock that was removed by hand is written again", (t) => {
  const file = newLock(t);
  const lock = takeLock(file, "run");
  rmSync(file);
  lock.check();
  assert.equal(readFileSync(file, "utf8"), `${process.pid} ${hostname()}\n`);
  lock.release();
});

test("a lock shows every fifteen seconds that its holder lives", (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "Date"], now: 1_700_000_000_000 });
  const file = newLock(t);
  const lock = takeLock(file, "run");
  t.mock.timers.tick(15_000);
  assert.equal(statSync(file).mtimeMs, 1_700_000_015_000);
  lock.release();
});

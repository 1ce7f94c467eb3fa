// Runs the built tests: all but test/slow, `--slow` only those, or `--only WORD` those whose path has the word.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const args = process.argv.slice(2);
const word = args.includes("--only") ? args[args.indexOf("--only") + 1] : undefined;
const wantsSlow = args.includes("--slow");

const built = join(root, "dist", "test");
const files = readdirSync(built, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.js"))
  // A test whose source is gone is not a test any more.
  .filter((file) => existsSync(join(root, "test", file.replace(/\.js$/, ".ts"))))
  .filter((file) => (word === undefined ? file.startsWith(`slow${sep}`) === wantsSlow : file.includes(word)))
  .toSorted()
  .map((file) => join(built, file));
if (files.length === 0) {
  console.error(`tests: no test file matches ${args.join(" ")}.`);
  process.exit(1);
}
// Slow tests time processes and fill disks: one at a time. Others compute with two threads here and there.
const concurrency = wantsSlow ? 1 : Math.max(2, availableParallelism() - 1);
const result = spawnSync(
  process.execPath,
  ["--enable-source-maps", "--test", "--test-reporter=spec", `--test-concurrency=${concurrency}`, ...files],
  { cwd: root, stdio: "inherit" },
);
process.exit(result.status ?? 1);

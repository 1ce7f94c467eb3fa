// What the documents say is there: links, commands, rooms and examples.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { suricate } from "./apps/cli/suricate.ts";
import { projectRoot } from "./real-data.ts";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const documents = [
  ...readdirSync(projectRoot).filter((file) => file.endsWith(".md")),
  ...readdirSync(join(projectRoot, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

test("every relative link of every document leads somewhere", () => {
  assert.ok(documents.includes("README.md"));
  const broken = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => !existsSync(join(projectRoot, dirname(document), target)))
      .map((target) => `${document} -> ${target}`),
  );
  assert.deepEqual(broken, []);
});

test("the files and folders that the paper map names are there", () => {
  const named = [...read("docs/paper-map.md").matchAll(/`((?:src\/)?(?:base|engine|sky|learn|report|test)\/[\w./*-]+)`/g)].map(
    ([, path]) => path!,
  );
  assert.ok(named.length > 20);
  const missing = named.filter((path) => !isThere(path));
  assert.deepEqual(missing, []);
});

test("the paper map has a row for every section, table and figure of the paper", () => {
  const firstCells = [...read("docs/paper-map.md").matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell!).join("\n");
  const sections = "1 2.1 2.1.1 2.2 2.2.1 2.2.2 2.3 2.4 3.1 3.1.1 3.2 3.3 4 4.1 4.1.1 4.2 4.2.1 4.3 5 A B C.1 C.2".split(" ");
  const tables = Array.from({ length: 6 }, (_, index) => `Table ${index + 1}`);
  const figures = Array.from({ length: 13 }, (_, index) => `Figure ${index + 1}`);
  const isTold = (name: string) => new RegExp(`(^|, )${name.replaceAll(".", "\\.")}[ab]?(,|$)`, "m").test(firstCells);
  assert.deepEqual(
    [...sections, ...tables, ...figures].filter((name) => !isTold(name)),
    [],
  );
});

/** Whether a path of the map (a folder, a file with or without its ending, a pattern of files) leads to something. */
function isThere(path: string): boolean {
  const base = path.startsWith("test/") ? path : join("src", path);
  const full = join(projectRoot, base);
  if (existsSync(full)) return true;
  const folder = dirname(full);
  const pattern = new RegExp(`^${relative(folder, full).replaceAll(".", "\\.").replaceAll("*", ".*")}(\\.test)?\\.ts$`);
  return existsSync(folder) && readdirSync(folder).some((file) => pattern.test(file));
}

test("README names every command of the command line, and only those", () => {
  const files = readdirSync(join(projectRoot, "apps", "cli")).filter((file) => file.endsWith(".ts"));
  const commands = files.flatMap((file) =>
    [...read(join("apps", "cli", file)).matchAll(/new Command\("(\w+)"\)\)?\s*\n?\s*\.description/g)].map(([, name]) => name!),
  );
  const table = /\| command \| does \|([\s\S]*?)\n\n/.exec(read("README.md"))![1]!;
  const named = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name!);
  const isSubcommand = (name: string) => name === "radiogalaxynet" || name === "suricate";
  assert.deepEqual([...new Set(commands)].filter((name) => !isSubcommand(name)).toSorted(), [...new Set(named)].toSorted());
});

test("every option in README's snippets is one of its command's", async () => {
  const snippets = [...read("README.md").matchAll(/^npm run --silent suricate -- (\w+) (.*)$/gm)];
  assert.ok(snippets.length >= 4);
  for (const [, command, rest] of snippets) {
    // The words before the first option: a command under the command has options of its own.
    const words = rest!.split("--")[0]!.trim().split(/\s+/);
    const { status, stdout } = await suricate(projectRoot, command!, ...words, "--help");
    assert.equal(status, 0, command);
    for (const [option] of rest!.matchAll(/--[\w-]+/g)) assert.ok(stdout.includes(`${option} `), `${command} ${option}`);
  }
});

test("every option of a command that a document's text names is one of that command's", async () => {
  const commands = new Set([...read("README.md").matchAll(/^\| `(\w+)/gm)].map(([, name]) => name!));
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/`(?:suricate )?(\w+)((?: [^`\n]*)? --[^`]+)`/g)]
      .filter(([, command]) => commands.has(command!))
      .map(([, command, rest]) => ({ document, command: command!, rest: rest!.replaceAll("\n", " ") })),
  );
  assert.ok(named.length > 25, String(named.length));
  for (const { document, command, rest } of named) {
    // A text that names no task speaks of the options that the tasks share.
    const task = /^ ([a-z][\w-]*)/.exec(rest)?.[1] ?? "fr";
    const asked = command === "evaluate" || command === "import" ? [command, task] : [command];
    const { status, stdout } = await suricate(projectRoot, ...asked, "--help");
    assert.equal(status, 0, `${document}: ${asked.join(" ")}`);
    for (const [option] of rest.matchAll(/--[a-z][\w-]+/g))
      assert.match(stdout, new RegExp(`${option}[ ,]`), `${document}: ${command}${rest}: ${option}`);
  }
});

test("ARCHITECTURE has a line for every room", () => {
  const rooms = readdirSync(join(projectRoot, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("index.ts") && file.split("/").length <= 3 && !file.includes("figures"))
    .map((file) => dirname(file))
    .filter((room) => room === "report" || room.split("/").length === 2);
  const lines = [...read("ARCHITECTURE.md").matchAll(/^\| `([\w/]+)` \| [^|]+ \| [^|]+ \|$/gm)].map(([, room]) => room!);
  assert.deepEqual(lines.filter((name) => name === "report" || name.includes("/")).toSorted(), rooms.toSorted());
});

test("every example is run by a test", () => {
  const examples = readdirSync(join(projectRoot, "examples")).filter((file) => file.endsWith(".ts"));
  assert.ok(examples.length >= 3);
  for (const example of examples) {
    const path = join("test", "examples", example.replace(/\.ts$/, ".test.ts"));
    assert.ok(existsSync(join(projectRoot, path)), `${example} has no ${path}`);
    assert.ok(read(path).includes(example.replace(/\.ts$/, ".js")), `${path} does not run ${example}`);
  }
});

test("no document, source or test names a place on someone's machine", () => {
  const roots = ["src", "apps", "bench", "examples", "scripts", "test", "docs"];
  const files = roots.flatMap((root) =>
    readdirSync(join(projectRoot, root), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|mjs|py|md)$/.test(file))
      .map((file) => join(root, file)),
  );
  const found = [...documents, ...files].filter((file) => /(?<![\w./-])\/(?:root|home\/\w+|work)\/(?!\*)/.test(read(file)));
  assert.deepEqual(found, []);
});

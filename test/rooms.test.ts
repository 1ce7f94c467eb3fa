// The architecture as a table the build can check: rooms, arrows, doors. Change this table before an arrow.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { test } from "node:test";
import { projectRoot } from "./real-data.ts";

/** Every room, in reading order, and what it may import: rooms, or a whole floor. */
const ROOMS: Readonly<Record<string, string>> = {
  "base/array": "",
  "base/config": "",
  "base/files": "base/array",
  "base/image": "base/array",
  "base/yaml": "base/config",
  "engine/graph": "base",
  "engine/autodiff": "base engine/graph",
  "engine/runtime": "base engine/graph",
  "engine/nn": "base engine/graph",
  "sky/fits": "base",
  "sky/catalogue": "base sky/fits",
  "sky/instrument": "base",
  "sky/simulator": "base sky/fits sky/catalogue sky/instrument",
  "sky/survey": "base sky/fits sky/catalogue",
  "sky/views": "base sky/instrument",
  "learn/runs": "base engine",
  "learn/dino": "base engine sky/survey sky/views learn/runs",
  "learn/embeddings": "base engine sky/fits sky/catalogue sky/survey learn/runs",
  "learn/tasks": "base engine sky/survey sky/views learn/runs learn/embeddings",
  report: "base sky/survey learn/runs learn/embeddings learn/tasks",
};

/** Report draws records that others made: from these it may take types alone. */
const TYPES_ONLY: Readonly<Record<string, string>> = { report: "sky learn" };

/** Each outside package and the one place that may import it. Second doors only for packages that need Node. */
const DOORS: Readonly<Record<string, string>> = {
  "onnxruntime-node": "engine/runtime",
  koffi: "engine/runtime",
  zod: "base/config",
  yaml: "base/yaml",
  "fast-png": "base/files",
  "@resvg/resvg-js": "report",
  "scran.js": "learn/embeddings",
  hyparquet: "base/files",
  "hyparquet-writer": "base/files",
  tinypool: "sky/views",
  commander: "apps/cli",
};

interface Import {
  /** The importing file, from src/ on, with slashes. */
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly isType: boolean;
}

const sourceRoot = join(projectRoot, "src");

/** The room of a file under src/: its first two folders, or `report`, which is a floor of one room. */
function roomOf(file: string): string {
  const parts = file.split("/");
  return parts[0] === "report" ? "report" : parts.slice(0, 2).join("/");
}

/** What a source text imports. Comments are taken out first: a doc may show an import. */
function importsIn(file: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements = code.matchAll(/^\s*(?:import|export)\b(\s+type\b)?[^;"']*?\bfrom\s*["']([^"']+)["']/gm);
  const bare = code.matchAll(/(?:^\s*import\s*|\bimport\s*\(\s*|\brequire\s*\(\s*|\bnew URL\(\s*)["']([^"']+)["']/gm);
  return [
    ...[...statements].map((match) => ({ file, room: roomOf(file), target: match[2]!, isType: match[1] !== undefined })),
    ...[...bare].map((match) => ({ file, room: roomOf(file), target: match[1]!, isType: false })),
  ];
}

const files = readdirSync(sourceRoot, { recursive: true, encoding: "utf8" })
  .map((file) => file.split(sep).join("/"))
  .filter((file) => file.endsWith(".ts"));
const imports = files.flatMap((file) => importsIn(file, readFileSync(join(sourceRoot, file), "utf8")));

/** Lines "file -> target" of the imports that `isWrong` picks: what an assertion shows. */
function offenders(isWrong: (found: Import) => boolean): string[] {
  return imports.filter(isWrong).map(({ file, target }) => `${file} -> ${target}`);
}

/** The room that "#floor/room", "#floor/room/disk" or "#floor/room/native" names. */
function roomNamed(target: string): string {
  return target.slice(1).replace(/\/(disk|native)$/, "");
}

function covers(row: string, room: string): boolean {
  return row.split(" ").some((allowed) => allowed === room || (allowed !== "" && room.startsWith(`${allowed}/`)));
}

/** The source file an import inside src/ leads to, or undefined for an outside package. */
function fileNamed({ file, target }: Import): string | undefined {
  // A file that is not built (YAML) is read from the sources, by a path that leaves dist.
  const unbuilt = /^(?:\.\.\/)+src\/(.+)$/.exec(target);
  if (unbuilt !== null) return unbuilt[1];
  if (target.startsWith("."))
    return normalize(join(dirname(file), target))
      .split(sep)
      .join("/")
      .replace(/\.js$/, ".ts");
  if (!target.startsWith("#")) return undefined;
  const door = /\/(disk|native)$/.exec(target)?.[1] ?? "index";
  return `${roomNamed(target)}/${door}.ts`;
}

test("an import is read from every form that TypeScript has, and never from a comment", () => {
  const text = [
    'import { a } from "#base/array";',
    "import {",
    "  b,",
    '} from "./b.ts";',
    'import type { C } from "#sky/fits";',
    'export * from "./d.ts";',
    'const e = await import("node:fs");',
    'const f = new Worker(new URL("./f.js", import.meta.url));',
    'import "./g.ts";',
    '// import { h } from "node:os";',
    '/** import { i } from "node:os"; */',
  ].join("\n");
  const found = importsIn("sky/views/x.ts", text);
  assert.deepEqual(
    found.map(({ target }) => target),
    ["#base/array", "./b.ts", "#sky/fits", "./d.ts", "node:fs", "./f.js", "./g.ts"],
  );
  assert.deepEqual(
    found.filter(({ isType }) => isType).map(({ target }) => target),
    ["#sky/fits"],
  );
});

test("the table has a row for every folder of src that holds code, and no row for a folder that does not", () => {
  assert.deepEqual([...new Set(files.map(roomOf))].toSorted(), Object.keys(ROOMS).toSorted());
});

test("every arrow of the table points up, so there is no cycle of rooms", () => {
  const names = Object.keys(ROOMS);
  for (const [row, room] of names.entries()) {
    const below = names.filter((other, place) => place >= row && covers(ROOMS[room]!, other));
    assert.deepEqual(below, [], `${room} may import what stands below it`);
  }
});

test("a room imports only the rooms that its row names", () => {
  const wrong = offenders(
    ({ room, target }) => target.startsWith("#") && roomNamed(target) !== room && !covers(ROOMS[room] ?? "", roomNamed(target)),
  );
  assert.deepEqual(wrong, []);
});

test("a room never goes out by the front door to come back to itself", () => {
  assert.deepEqual(
    offenders(({ room, target }) => target.startsWith("#") && roomNamed(target) === room),
    [],
  );
});

test("the report takes only types from the rooms whose records it draws", () => {
  const wrong = offenders(
    ({ room, target, isType }) => target.startsWith("#") && !isType && covers(TYPES_ONLY[room] ?? "", roomNamed(target)),
  );
  assert.deepEqual(wrong, []);
});

test("a relative import never leaves its room, and every import leads to a file that exists", () => {
  const inside = imports.filter(({ target }) => /^[.#]/.test(target));
  assert.ok(inside.length > 0);
  for (const found of inside) {
    const file = fileNamed(found)!;
    assert.ok(existsSync(join(sourceRoot, file)), `${found.file} -> ${found.target}: there is no src/${file}`);
    if (found.target.startsWith(".")) assert.equal(roomOf(file), found.room, `${found.file} -> ${found.target}`);
  }
});

test("no file imports itself through others", () => {
  const state = new Map<string, "open" | "done">();
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === "done") return;
    assert.notEqual(state.get(file), "open", [...path, file].join(" -> "));
    state.set(file, "open");
    for (const found of imports) {
      // Types vanish when built, so two files may describe each other.
      if (found.file !== file || found.isType) continue;
      const next = fileNamed(found);
      if (next !== undefined && files.includes(next)) visit(next, [...path, file]);
    }
    state.set(file, "done");
  };
  for (const file of files) visit(file, []);
  assert.equal(state.size, files.length);
});

test("an outside package is imported only in its one room", () => {
  const wrong = offenders(({ room, target }) => !/^[.#]|^node:/.test(target) && DOORS[packageOf(target)] !== room);
  assert.deepEqual(wrong, []);
});

/** "@scope/name/path" and "name/path" to the package's name. */
function packageOf(target: string): string {
  return target.split("/", target.startsWith("@") ? 2 : 1).join("/");
}

test("no index.ts reaches a node: module, a disk.ts or a native.ts", () => {
  const wrong: string[] = [];
  const doors = files.filter(
    (file) => file.endsWith("/index.ts") && (file === "report/index.ts" || file.split("/").length === 3),
  );
  assert.ok(doors.length > 0);
  for (const door of doors) {
    const seen = new Set<string>();
    const queue = [door];
    while (queue.length > 0) {
      const file = queue.pop()!;
      if (seen.has(file)) continue;
      seen.add(file);
      if (/\/(disk|native)\.ts$/.test(file)) wrong.push(`${door} reaches ${file}`);
      for (const found of imports.filter((one) => one.file === file && !one.isType)) {
        if (found.target.startsWith("node:")) wrong.push(`${door} reaches ${file} -> ${found.target}`);
        const next = fileNamed(found);
        if (next !== undefined) queue.push(next);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("nothing under src imports an app, a benchmark or a test", () => {
  assert.deepEqual(
    offenders(({ target }) => /(^|\/)(apps|bench|test|examples)\//.test(target)),
    [],
  );
});

test("a command line's package is imported in its one app, and apps use rooms only by their doors", () => {
  const appRoot = join(projectRoot, "apps");
  const appFiles = readdirSync(appRoot, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const wrong = appFiles.flatMap((file) =>
    importsIn(file, readFileSync(join(appRoot, file), "utf8"))
      .filter(({ target }) => !isAllowedInApp(`apps/${file.split(sep)[0]}`, target))
      .map(({ target }) => `apps/${file} -> ${target}`),
  );
  assert.deepEqual(wrong, []);
});

function isAllowedInApp(app: string, target: string): boolean {
  if (target.startsWith("node:")) return true;
  if (target.startsWith("#")) return roomNamed(target) in ROOMS;
  if (target.startsWith(".")) return !target.includes("/src/");
  return DOORS[packageOf(target)] === app;
}

test("every dependency has a door and every door a dependency", () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  assert.deepEqual(Object.keys(DOORS).toSorted(), Object.keys(manifest.dependencies).toSorted());
});

test("the manifest names exact versions only, and the lock file names no registry", () => {
  const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as Record<string, Record<string, string>>;
  const versions = { ...manifest["dependencies"], ...manifest["devDependencies"] };
  assert.ok(Object.keys(versions).length > 0);
  for (const [name, version] of Object.entries(versions)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  const lock = join(projectRoot, "package-lock.json");
  assert.ok(existsSync(lock));
  assert.doesNotMatch(readFileSync(lock, "utf8"), /"resolved":/);
});

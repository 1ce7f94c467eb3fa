// Every room's front door loads in a browser: bundled for one, it asks for nothing that only Node has.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { projectRoot } from "./real-data.ts";

const sourceRoot = join(projectRoot, "src");
const doors = readdirSync(sourceRoot, { recursive: true, encoding: "utf8" }).filter((file) =>
  /^(\w+[/\\]\w+|report)[/\\]index\.ts$/.test(file),
);

/** Bundles built code for a browser and returns esbuild's complaints. */
async function complaints(stdin: string): Promise<readonly string[]> {
  try {
    const result = await build({
      stdin: { contents: stdin, resolveDir: projectRoot, loader: "js" },
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      logLevel: "silent",
      absWorkingDir: projectRoot,
    });
    assert.ok(result.outputFiles[0]!.contents.length > 0);
    return result.warnings.map((warning) => warning.text);
  } catch (error) {
    return (error as { readonly errors: readonly { readonly text: string }[] }).errors.map((found) => found.text);
  }
}

test("there are front doors to bundle", () => {
  assert.ok(doors.length > 3);
});

for (const door of doors) {
  test(`src/${door} bundles for a browser`, async () => {
    assert.deepEqual(await complaints(`export * from "./dist/src/${door.replaceAll("\\", "/").replace(/\.ts$/, ".js")}";`), []);
  });
}

test("the bundler complains of a node: import, so the tests above can fail", async () => {
  const found = await complaints('export { readFileSync } from "node:fs";');
  assert.equal(found.length, 1);
  assert.match(found[0]!, /node:fs/);
});

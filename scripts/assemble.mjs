// tile-kernels.wat to the bytes of its module, as text that TypeScript holds. `--check` only says whether they are still the same.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "watr";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "src", "sky", "fits", "compression");
const [source, target] = [join(folder, "tile-kernels.wat"), join(folder, "tile-kernels-code.ts")];

const code = Buffer.from(compile(readFileSync(source, "utf8"))).toString("base64");
const lines = code.match(/.{1,120}/g).map((line) => `  "${line}",`);
const text = `// Made by scripts/assemble.mjs (watr 5.0.0) of tile-kernels.wat: the module's bytes in base64.
export const TILE_KERNELS_CODE = [
${lines.join("\n")}
].join("");
`;

if (!process.argv.includes("--check")) writeFileSync(target, text);
else if (readFileSync(target, "utf8") !== text) {
  console.error(`${target}: is not what ${source} gives. Run \`node scripts/assemble.mjs\`.`);
  process.exit(1);
}

// What `npm run suricate` starts: setup, then the command line in this very process.
import { fileURLToPath } from "node:url";
import "./setup.mjs";

const main = new URL("../dist/apps/cli/main.js", import.meta.url);
// grid starts its cells by this name: they need no setup.
process.argv[1] = fileURLToPath(main);

// A batch system that ends npm ends the shell between npm and this process, but not this process: it ends itself then, and training
// saves its state as at any SIGTERM.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, "SIGTERM");
}, 250);
watch.unref();

await import(main.href);

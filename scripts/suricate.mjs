// What `npm run suricate` starts: setup, then the command line in this very process.
import "./setup.mjs";

// A batch system that ends npm ends the shell between npm and this process, but not this process: it ends itself then, and training
// saves its state as at any SIGTERM.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watch);
  process.kill(process.pid, "SIGTERM");
}, 250);
watch.unref();

await import("../dist/apps/cli/main.js");

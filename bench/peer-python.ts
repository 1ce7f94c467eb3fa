// The Python that peers and reference scripts run under.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The Debian package that brings each module that a peer imports. */
const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  torch: "python3-torch libopenblas0-pthread",
  astropy: "python3-astropy",
  sklearn: "python3-sklearn",
};

/** The Python to use: SURICATE_PYTHON, else Debian's own where there is one, else the first on the path. */
export function pythonCommand(): string {
  return process.env["SURICATE_PYTHON"] ?? (existsSync("/etc/debian_version") ? "/usr/bin/python3" : "python3");
}

/** The environment of a peer: `numThreads` threads, and OpenBLAS left to choose its own kernels. */
export function peerEnvironment(numThreads = 2): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("OPENBLAS_"));
  return { ...Object.fromEntries(kept), OMP_NUM_THREADS: String(numThreads), MKL_NUM_THREADS: String(numThreads) };
}

/** Why the peers' Python cannot import `modules`, in one line that says what to install; `undefined` where it can. */
export function missingPython(modules: readonly string[]): string | undefined {
  const python = pythonCommand();
  for (const module of modules) {
    const result = spawnSync(python, ["-c", `import ${module}`], { encoding: "utf8", env: peerEnvironment() });
    if (result.error) return `${python} could not be started (${result.error.message}). Set SURICATE_PYTHON to a Python 3.`;
    if (result.status === 0) continue;
    const reason = result.stderr.trim().split("\n").at(-1);
    const advice = `apt install ${DEBIAN_PACKAGES[module] ?? `python3-${module}`}`;
    return `${python} cannot import ${module} (${reason}). On Debian: ${advice}; or set SURICATE_PYTHON to a Python that has it.`;
  }
  return undefined;
}

/** The peers' Python. Throws Error where it lacks one of `modules`. */
export function peerPython(modules: readonly string[]): string {
  const missing = missingPython(modules);
  if (missing !== undefined) throw new Error(`bench: the peer cannot run: ${missing}`);
  return pythonCommand();
}

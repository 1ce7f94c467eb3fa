// Finding the peers' Python, and what is said where it lacks something.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { missingPython, peerEnvironment, peerPython } from "../../bench/peer-python.ts";

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

test("a Python that is not there is named, with what to do", () => {
  process.env["SURICATE_PYTHON"] = "/no/such/python";
  assert.throws(
    () => peerPython(["torch"]),
    /^Error: bench: the peer cannot run: \/no\/such\/python could not be started \(.*ENOENT\)\. Set SURICATE_PYTHON to a Python 3\.$/,
  );
});

test("a module that Python lacks is named, with the package that brings it", () => {
  // Stands in for a Python without torch: it fails as Python does.
  process.env["SURICATE_PYTHON"] = "/bin/false";
  assert.match(
    missingPython(["torch"])!,
    /^\/bin\/false cannot import torch .*On Debian: apt install python3-torch libopenblas0-pthread; or set SURICATE_PYTHON/,
  );
});

test("a Python that has every module lacks nothing", () => {
  process.env["SURICATE_PYTHON"] = "/bin/true";
  assert.equal(missingPython(["torch", "numpy"]), undefined);
  assert.equal(peerPython(["torch"]), "/bin/true");
});

test("a peer chooses OpenBLAS's kernels itself and has two threads", () => {
  Object.assign(process.env, { OPENBLAS_CORETYPE: "Haswell", OPENBLAS_L2_SIZE: "512", OMP_NUM_THREADS: "7" });
  const environment = peerEnvironment();
  assert.deepEqual(
    Object.keys(environment).filter((name) => name.startsWith("OPENBLAS_")),
    [],
  );
  assert.equal(environment["OMP_NUM_THREADS"], "2");
  assert.equal(environment["MKL_NUM_THREADS"], "2");
  assert.equal(environment["PATH"], process.env["PATH"]);
});

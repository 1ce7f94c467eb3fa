// bench prepare, prepare-gzip, prepare-rice: one plane of a cube of 3457 x 3457 x 5 pixels (MGCLS) to a crop set (paper section 2).
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BenchOptions,
  type BenchResult,
  benchResult,
  type Contestant,
  peerScript,
  suricateSide,
  type Timing,
  takeTurns,
} from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";
import { fieldFiles, type PrepareSize, type Storage, writeField } from "./prepare-field.ts";

const MGCLS_FIELD: PrepareSize = { fieldSize: 3457, cropSize: 256 };

const PEERS: Readonly<Record<Storage, { readonly name: string; readonly script: string; readonly modules: readonly string[] }>> =
  {
    plain: { name: "numpy + astropy", script: "prepare.py", modules: ["numpy", "astropy"] },
    gzip: { name: "cfitsio, unpacking alone", script: "read_cfitsio.py", modules: ["numpy"] },
    rice: { name: "cfitsio, unpacking alone", script: "read_cfitsio.py", modules: ["numpy"] },
  };

/**
 * Suricate and its peer, each with a folder of its own under `folder`, which holds the field and the catalogue. Of a compressed field
 * both unpack, and the last contestant is Suricate with all of prepare.
 */
export function prepareContestants(folder: string, { cropSize, fieldSize }: PrepareSize, storage: Storage): Contestant[] {
  const { name, script, modules } = PEERS[storage];
  const task = (out: string) => JSON.stringify({ ...fieldFiles(folder, storage), cropSize, fieldSize, out: join(folder, out) });
  const peer = { name, command: peerPython(modules), args: ["-B", peerScript(script), task("peer")], env: peerEnvironment() };
  const prepare = suricateSide("prepare-turns", [task("suricate")]);
  if (storage === "plain") return [prepare, peer];
  const unpack = { ...suricateSide("unpack-turns", [task("suricate")]), name: "Suricate, unpacking alone" };
  return [unpack, peer, { ...prepare, name: "Suricate, all of prepare" }];
}

/** Throws Error where the two sides do not agree on what they made: then their times mean nothing. */
export function checkAgreement([suricate, peer]: readonly Timing[]): void {
  for (const [name, expected] of Object.entries(peer!.values)) {
    const got = suricate!.values[name];
    // The limits are interpolated in float64 by one and in float32 by the other.
    if (got !== undefined && Math.abs(got - expected) <= 1e-6 * Math.abs(expected)) continue;
    throw new Error(`bench: prepare: ${name}: expected ${expected} as the peer, got ${got}.`);
  }
}

const WORK: Readonly<Record<Storage, string>> = {
  plain:
    "Both read one plane and hash its bytes (SHA-256), measure limits and noise, apply the NaN rule, count sources and write.",
  gzip: "Both unpack and hand over the plane, into memory that is used again. cfitsio unpacks all of the file, Suricate up to the plane's end, which it hashes (SHA-256).",
  rice: "Both unpack the plane, into memory that is used again; Suricate hashes (SHA-256) what it reads.",
};

/** A benchmark of a field of MGCLS's size in one storage. */
export function prepareBench(storage: Storage) {
  /** Throws Error where Python has no astropy, or the machine no libcfitsio. */
  return async (options: BenchOptions): Promise<BenchResult> => {
    const folder = mkdtempSync(join(tmpdir(), "suricate-bench-prepare-"));
    try {
      await writeField(folder, MGCLS_FIELD, storage);
      const timings = await takeTurns(prepareContestants(folder, MGCLS_FIELD, storage), options);
      checkAgreement(timings);
      const { crops, ownedSources } = timings.find(({ values }) => values["crops"] !== undefined)!.values;
      const { fieldSize, cropSize } = MGCLS_FIELD;
      const megabytes = Math.round(statSync(fieldFiles(folder, storage).field).size / 1e6);
      return benchResult(storage === "plain" ? "prepare" : `prepare-${storage}`, timings, {
        notes: [
          `Prepare: one plane of ${fieldSize} x ${fieldSize} x 5 float32 (${megabytes} MB, ${storage}) to ${crops} crops of ${cropSize} x ${cropSize}; ${ownedSources} sources owned.`,
          WORK[storage],
          "Files are read from and written to the page cache; neither side calls fsync.",
          `${cpus()[0]?.model ?? "unknown processor"}; ${options.turns} turns each.`,
        ],
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

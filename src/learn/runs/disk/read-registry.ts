// The registry of backbones from the disk: this program's own entries, and the user's.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "#base/config";
import { readText } from "#base/files/disk";
import { type BackboneEntry, parseRegistry } from "../backbone-registry.ts";

/** An entry, and where its file should be; null for a floor. `from` is the registry that it stands in. */
export interface NamedBackbone {
  readonly entry: BackboneEntry;
  readonly path: string | null;
  readonly from: string;
}

/** From dist/src/learn/runs/disk to the sources: YAML is not built. */
const OWN_REGISTRY = fileURLToPath(new URL("../../../../../src/learn/runs/backbones.yaml", import.meta.url));
const USERS_REGISTRY = "suricate-backbones.yaml";
const WEIGHTS_FOLDER = "weights";

/**
 * All entries by name. The user's file is the one that SURICATE_BACKBONES names, or suricate-backbones.yaml in the current folder;
 * its entries go before this program's own. Throws ConfigError, naming the file.
 */
export function readRegistry(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Map<string, NamedBackbone> {
  const own = entriesOf(OWN_REGISTRY, resolve(environment["SURICATE_WEIGHTS"] ?? WEIGHTS_FOLDER));
  const named = environment["SURICATE_BACKBONES"];
  if (named !== undefined && !existsSync(named))
    throw new ConfigError(`SURICATE_BACKBONES: expected a registry of backbones in ${named}, got no such file.`);
  const users = resolve(named ?? USERS_REGISTRY);
  return existsSync(users) ? new Map([...own, ...entriesOf(users, dirname(users))]) : own;
}

function entriesOf(file: string, folder: string): Map<string, NamedBackbone> {
  const entries = [...parseRegistry(readText(file), file)];
  return new Map(
    entries.map(([name, entry]) => [
      name,
      { entry, path: entry.file === undefined ? null : resolve(folder, entry.file), from: file },
    ]),
  );
}

// Which of a checkpoint's networks is meant.
import { type FoundNetwork, networksIn, networksUnder, preferredNetworks } from "#engine/nn";
import { CheckpointError } from "#learn/runs";

/**
 * The network under `part` ("teacher"), or where that is null the one that evaluation is about. Throws CheckpointError where there
 * is none, and where several are left: it lists them.
 */
export function chooseNetwork(names: Iterable<string>, part: string | null, path: string): FoundNetwork {
  const all = [...names];
  const found = networksIn(all);
  if (found.length === 0) {
    throw new CheckpointError(
      `${path}: expected a Vision Transformer (patch_embed.proj.weight, cls_token), a ResNet (conv1.weight, ` +
        `layer1.0.conv1.weight) or a MobileNetV2 (l0.weight, l51.weight), got ${numOther(all.length)}.`,
    );
  }
  const chosen = part === null ? preferredNetworks(found) : networksUnder(found, part);
  const [network] = chosen;
  if (network && chosen.length === 1) return network;
  const place = part === null ? path : `${path}#${part}`;
  if (!network) throw new CheckpointError(`${place}: expected a network there, got none. There are: ${listed(found)}.`);
  throw new CheckpointError(
    `${place}: expected one network, got ${chosen.length}: ${listed(chosen)}. Name one: --backbone ${path}#${placeOf(network)}.`,
  );
}

function numOther(count: number): string {
  return count === 1 ? "1 other tensor" : `${count} other tensors`;
}

function listed(networks: readonly FoundNetwork[]): string {
  return networks.map((network) => placeOf(network) || "the file's top").join(", ");
}

/** "teacher.module.backbone" */
function placeOf({ prefix }: FoundNetwork): string {
  return prefix.replace(/\.$/, "");
}

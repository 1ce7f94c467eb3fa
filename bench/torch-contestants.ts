// PyTorch as a peer: one script in fp32 and under bf16 autocast.
import { type Contestant, peerScript } from "./harness.ts";
import { peerEnvironment, peerPython } from "./peer-python.ts";

/** PyTorch in fp32, PyTorch under bf16 autocast, by a script of `peers/` that is told the size of the work. Throws Error where Python has no torch. */
export function torchContestants(script: string, size: object, numThreads: number): Contestant[] {
  const python = peerPython(["torch"]);
  return (["fp32", "bf16"] as const).map((precision) => ({
    name: `PyTorch ${precision}`,
    command: python,
    args: [
      ...["-B", peerScript(script), "--precision", precision],
      ...["--threads", `${numThreads}`, "--size", JSON.stringify(size)],
    ],
    env: peerEnvironment(numThreads),
  }));
}

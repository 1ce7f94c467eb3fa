// An ONNX model of others, run in a process of its own: whatever it does to ONNX Runtime, this process goes on.
import { type ChildProcess, fork } from "node:child_process";
import type { NdArray } from "#base/array";
import type { DeviceOptions } from "./device.ts";
import type { NamedArrays } from "./session.ts";
import type { TensorInfo } from "./session-handle.ts";

/** A model that is ready to run in its process. */
export interface GuestModel {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly processId: number;
  /** Runs it once and gives the output that is asked for. Throws Error, in one line, where it fails or its process ends. */
  run(feeds: NamedArrays, output: string): Promise<NdArray>;
  close(): void;
}

export interface GuestRequest {
  readonly feeds: readonly (readonly [string, NdArray])[];
  readonly output: string;
}

export type GuestReply =
  | { readonly kind: "opened"; readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] }
  | { readonly kind: "ran"; readonly output: NdArray }
  | { readonly kind: "failed"; readonly message: string };

export interface GuestOptions extends DeviceOptions {
  /** Path of the ONNX file, which `checkOnnxFile` has read. */
  readonly path: string;
}

/** Opens an ONNX file in a new process. Throws Error, naming the file, where ONNX Runtime refuses it or ends. */
export async function openGuestModel(options: GuestOptions): Promise<GuestModel> {
  const { path } = options;
  const child = fork(new URL("./guest-process.js", import.meta.url), [JSON.stringify(options)], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    execArgv: [],
  });
  try {
    const reply = await nextReply(child, `${path}: while it was loaded`);
    if (reply.kind !== "opened") throw new Error(`${path}: ${failureOf(reply)}`);
    return { inputs: reply.inputs, outputs: reply.outputs, ...faceOf(child, path) };
  } catch (error) {
    child.kill();
    throw error;
  }
}

function faceOf(child: ChildProcess, path: string): Pick<GuestModel, "processId" | "run" | "close"> {
  let turn: Promise<unknown> = Promise.resolve();
  const runOnce = async (request: GuestRequest): Promise<NdArray> => {
    const coming = nextReply(child, `${path}: while it ran`);
    child.send(request, () => {}); // a process that is gone shows in the reply
    const reply = await coming;
    if (reply.kind !== "ran") throw new Error(`${path}: ${failureOf(reply)}`);
    return reply.output;
  };
  return {
    processId: child.pid!, // it has said that it is open
    run(feeds, output) {
      const result = turn.then(() => runOnce({ feeds: [...feeds], output }));
      turn = result.catch(() => {});
      return result;
    },
    close: () => {
      if (child.connected) child.disconnect();
    },
  };
}

function failureOf(reply: GuestReply): string {
  return reply.kind === "failed" ? reply.message : `internal: the model's process answered "${reply.kind}".`;
}

/** What the process says next. Throws Error where it ends instead, with its signal or code. */
function nextReply(child: ChildProcess, during: string): Promise<GuestReply> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      child.off("message", onMessage).off("exit", onExit).off("error", onError);
      act();
    };
    const onMessage = (reply: unknown) => settle(() => resolve(reply as GuestReply)); // guest-process.ts sends nothing else
    const onExit = (code: number | null, signal: string | null) =>
      settle(() => reject(new Error(`${during}, ONNX Runtime's process ended (${signal ?? `exit code ${code}`}).`)));
    const onError = (cause: Error) => settle(() => reject(new Error(`${during}: ${cause.message}`, { cause })));
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else child.on("message", onMessage).on("exit", onExit).on("error", onError);
  });
}

// The process in which an ONNX model of others runs; guest-model.ts starts it and asks.
import { openDevice } from "./device.ts";
import type { GuestOptions, GuestReply, GuestRequest } from "./guest-model.ts";
import type { Session } from "./session.ts";

const { path, ...deviceOptions } = JSON.parse(process.argv[2]!) as GuestOptions; // openGuestModel starts it with them

const answer = (reply: GuestReply) => process.send!(reply); // it is started with a channel
const failure = (error: unknown): GuestReply => ({
  kind: "failed",
  // The file is named by whoever asked.
  message: (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").replace(/^graph model: /, ""),
});

async function run(session: Session, { feeds, output }: GuestRequest): Promise<GuestReply> {
  try {
    const found = (await session.run(new Map(feeds))).get(output);
    return found ? { kind: "ran", output: found } : { kind: "failed", message: `it has no output "${output}".` };
  } catch (error) {
    return failure(error);
  }
}

try {
  const session = openDevice(deviceOptions).open({ path }, { name: "model" });
  process.on("message", (request) => void run(session, request as GuestRequest).then(answer)); // guest-model.ts sends nothing else
  process.on("disconnect", () => process.exit());
  answer({ kind: "opened", inputs: session.inputs, outputs: session.outputs });
} catch (error) {
  answer(failure(error));
  process.disconnect();
}

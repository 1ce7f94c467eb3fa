// TensorBoard event files: TFRecord frames (tensorflow/core/lib/io/record_writer.h) around Event messages (event.proto).
import { crc32c, ProtoWriter } from "#base/files";

// Field numbers of event.proto and summary.proto.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_STATUS = 1;
const SESSION_START = 1;

/** The first event of every file. */
export function formatVersionEvent(wallTimeSeconds: number): Uint8Array {
  return frame(new ProtoWriter().double(EVENT.wallTime, wallTimeSeconds).string(EVENT.fileVersion, "brain.Event:2"));
}

/** Tells TensorBoard that training starts anew from `step`: what it has of this step and later is forgotten. */
export function formatSessionStartEvent(step: number, wallTimeSeconds: number): Uint8Array {
  const sessionLog = new ProtoWriter().varint(SESSION_STATUS, SESSION_START);
  return frame(
    new ProtoWriter().double(EVENT.wallTime, wallTimeSeconds).varint(EVENT.step, step).message(EVENT.sessionLog, sessionLog),
  );
}

/** Scalars of one step, by tag. */
export function formatScalarsEvent(step: number, scalars: Readonly<Record<string, number>>, wallTimeSeconds: number): Uint8Array {
  const summary = new ProtoWriter();
  for (const [tag, value] of Object.entries(scalars)) {
    summary.message(SUMMARY_VALUE, new ProtoWriter().string(VALUE.tag, tag).float(VALUE.simpleValue, value));
  }
  return frame(
    new ProtoWriter().double(EVENT.wallTime, wallTimeSeconds).varint(EVENT.step, step).message(EVENT.summary, summary),
  );
}

/** Length (64 bits), masked checksum of the length, the message, masked checksum of the message; little-endian. */
function frame(event: ProtoWriter): Uint8Array {
  const message = event.finish();
  const bytes = new Uint8Array(12 + message.length + 4);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(message.length), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(message, 12);
  view.setUint32(12 + message.length, maskedCrc(message), true);
  return bytes;
}

/** TensorFlow rotates and shifts checksums, so that a checksum of data with checksums in it stays sound (crc32c.h). */
function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

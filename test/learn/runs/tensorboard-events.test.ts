// TensorBoard event files, read back by another protobuf decoder and another checksum.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import protobuf from "protobufjs";
import { formatScalarsEvent } from "#learn/runs";
import { createRun, openRun } from "#learn/runs/disk";

/** The part of tensorflow/core/util/event.proto and framework/summary.proto that scalars need. */
const PROTO = `
syntax = "proto3";
message Event {
  double wall_time = 1;
  int64 step = 2;
  oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
}
message Summary {
  message Value { string tag = 1; float simple_value = 2; }
  repeated Value value = 1;
}
message SessionLog {
  enum SessionStatus { STATUS_UNSPECIFIED = 0; START = 1; STOP = 2; CHECKPOINT = 3; }
  SessionStatus status = 1;
}`;
const eventType = protobuf.parse(PROTO, { keepCase: true }).root.lookupType("Event");

/** CRC-32C a bit at a time, from the polynomial x^32 + x^28 + x^27 + ... (RFC 3720). */
function slowCrc32c(bytes: Uint8Array): bigint {
  let register = 0xffffffffn;
  for (const byte of bytes) {
    register ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) register = (register >> 1n) ^ (register & 1n ? 0x82f63b78n : 0n);
  }
  return register ^ 0xffffffffn;
}

function slowMask(crc: bigint): bigint {
  return (((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn;
}

interface DecodedEvent {
  readonly wall_time: number;
  readonly step?: number;
  readonly file_version?: string;
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simple_value?: number }[] };
  readonly session_log?: { readonly status: string };
}

/** Walks the TFRecord frames of a file, checking both checksums of each. */
function decodeEvents(bytes: Buffer): DecodedEvent[] {
  const events: DecodedEvent[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(offset));
    assert.equal(BigInt(bytes.readUInt32LE(offset + 8)), slowMask(slowCrc32c(bytes.subarray(offset, offset + 8))));
    const message = bytes.subarray(offset + 12, offset + 12 + length);
    assert.equal(BigInt(bytes.readUInt32LE(offset + 12 + length)), slowMask(slowCrc32c(message)));
    events.push(eventType.toObject(eventType.decode(message), { longs: Number, enums: String }) as DecodedEvent);
    offset += 16 + length;
  }
  return events;
}

test("the slow checksum is CRC-32C", () => {
  assert.equal(slowCrc32c(new TextEncoder().encode("123456789")), 0xe3069283n);
});

test("scalars come back with their step, time and tags", () => {
  const bytes = Buffer.from(formatScalarsEvent(70_000_000_000, { loss: 1.5, "lens/κ": -0.25, big: 1e30 }, 1234.5));
  const [event] = decodeEvents(bytes);
  assert.equal(event!.step, 70_000_000_000);
  assert.equal(event!.wall_time, 1234.5);
  assert.deepEqual(event!.summary!.value, [
    { tag: "loss", simple_value: 1.5 },
    { tag: "lens/κ", simple_value: -0.25 },
    { tag: "big", simple_value: Math.fround(1e30) },
  ]);
});

test("a not-a-number loss is written as one", () => {
  const [event] = decodeEvents(Buffer.from(formatScalarsEvent(1, { loss: Number.NaN }, 0)));
  assert.ok(Number.isNaN(event!.summary!.value[0]!.simple_value));
});

test("a run's event file opens with its version and a start, then holds its metrics; a resumed run starts a second file", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "suricate-events-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "run");
  const info = { versions: {}, seed: 0, inputs: [], keep: { last: 1, every: null }, config: {} };
  const first = createRun(path, info, { seenRows: [] });
  first.writeMetrics({ step: 1, loss: 2, time: 11 });
  first.writeCheckpoint({ epoch: 1, stepInEpoch: 0, step: 1 }, new Map(), {});
  first.writeMetrics({ step: 2, loss: 1, time: 12 });
  first.close();
  const second = openRun(path, { onWarning: assert.fail });
  second.writeMetrics({ step: 2, loss: 0.5, time: 13 });
  second.close();
  const files = readdirSync(path).filter((file) => file.startsWith("events.out.tfevents."));
  assert.equal(files.length, 2);
  const [before, after] = files.toSorted().map((file) => decodeEvents(readFileSync(join(path, file))));
  assert.equal(before![0]!.file_version, "brain.Event:2");
  assert.deepEqual([before![1]!.step, before![1]!.session_log], [1, { status: "START" }]);
  assert.deepEqual(
    before!.slice(2).map(({ step, wall_time, summary }) => [step, wall_time, summary!.value]),
    [
      [1, 11, [{ tag: "loss", simple_value: 2 }]],
      [2, 12, [{ tag: "loss", simple_value: 1 }]],
    ],
  );
  assert.deepEqual([after![1]!.step, after![1]!.session_log], [2, { status: "START" }]);
  assert.deepEqual(after![2]!.summary!.value, [{ tag: "loss", simple_value: 0.5 }]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { FileFormatError, parseTar } from "#base/files";

/** A ustar header as POSIX.1-1988 lays it out. */
function header(name: string, size: number, kind: string): Uint8Array {
  const bytes = new Uint8Array(512);
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  put(0, name);
  put(124, `${size.toString(8).padStart(11, "0")}\0`);
  put(156, kind);
  put(257, "ustar\x0000");
  put(148, "        ");
  put(
    148,
    `${bytes
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
  );
  return bytes;
}

function archive(...entries: readonly (readonly [name: string, text: string, kind?: string])[]): Uint8Array {
  const blocks = entries.flatMap(([name, text, kind = "0"]) => {
    const content = new Uint8Array(Math.ceil(text.length / 512) * 512);
    content.set(new TextEncoder().encode(text));
    return [header(name, text.length, kind), content];
  });
  return new Uint8Array(Buffer.concat([...blocks, new Uint8Array(1024)]));
}

const textsOf = (bytes: Uint8Array) =>
  parseTar(bytes, "x.tar").map(({ name, bytes: content }) => [name, new TextDecoder().decode(content)]);

test("the files of a tar archive come in order with their bytes, folders left out", () => {
  const long = "a".repeat(700);
  assert.deepEqual(textsOf(archive(["folder/", "", "5"], ["folder/a", "one"], ["b", long], ["empty", ""])), [
    ["folder/a", "one"],
    ["b", long],
    ["empty", ""],
  ]);
});

test("GNU's long names go before the short ones in the header", () => {
  const name = `${"d/".repeat(80)}file`;
  assert.deepEqual(textsOf(archive(["././@LongLink", `${name}\0`, "L"], [name.slice(0, 99), "x"])), [[name, "x"]]);
});

test("a tar archive that is cut short or changed is refused with its place", () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(
      () => parseTar(bytes, "x.tar"),
      (error) => error instanceof FileFormatError && message.test(error.message),
    );
  const whole = archive(["a", "one"], ["b", "two"]);
  refused(whole.subarray(0, 1536), /^x\.tar: "b": expected 3 bytes, got 0\. The archive is cut short\.$/);
  refused(whole.subarray(0, 1024), /^x\.tar: expected an empty block at the archive's end, got none\./);
  refused(whole.with(3, 65), /^x\.tar: no tar header at byte 0: expected checksum \d+, got \d+\.$/);
});

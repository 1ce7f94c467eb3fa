// Lines of text that is decoded in chunks.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodedLines } from "../../../src/sky/catalogue/text-lines.ts";

test("text decoded in chunks of any length has the lines of the whole", () => {
  const texts = [
    "",
    "\n",
    "a",
    "ra,dec\n1,2\n3,4\n",
    "ra,dec\r\n1,2\r\n\r\n3,4",
    "\uFEFFname,ra\nNäme ✱ 12,4\n\n\nlonger than the chunk is\n",
    "old\rMac\rlines",
  ];
  for (const text of texts) {
    const lines = text.replace("\uFEFF", "").split(/\r\n|\r|\n/);
    for (let chunkBytes = 1; chunkBytes < 40; chunkBytes++)
      assert.deepEqual(decodedLines(new TextEncoder().encode(text), chunkBytes), lines, JSON.stringify([text, chunkBytes]));
  }
});

// Lines of text, also of more bytes than one string holds: a catalogue of millions of sources is a gigabyte.

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const LINE_END = /\r\n|\n|\r/;

/** Decoded at a time: less than a string holds by far. */
const CHUNK_BYTES = 2 ** 26;

/** The lines of a text, whatever ends them. */
export function textLines(text: string): readonly string[] {
  return text.replace(/^\uFEFF/, "").split(LINE_END);
}

/** The same of a text in UTF-8, decoded in chunks of whole lines; one longer than `chunkBytes` is decoded by itself. */
export function decodedLines(bytes: Uint8Array, chunkBytes: number = CHUNK_BYTES): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start <= bytes.length; ) {
    const end = endOfLines(bytes, start, chunkBytes);
    const isWindows = end < bytes.length && bytes[end - 1] === CARRIAGE_RETURN && end > start;
    const text = new TextDecoder().decode(bytes.subarray(start, isWindows ? end - 1 : end));
    for (const line of start === 0 ? textLines(text) : text.split(LINE_END)) lines.push(line);
    start = end + 1;
  }
  return lines;
}

/** Where the last line that begins in a chunk's reach ends: at its line feed, or at the end of the text. */
function endOfLines(bytes: Uint8Array, start: number, chunkBytes: number): number {
  if (bytes.length - start <= chunkBytes) return bytes.length;
  const last = bytes.subarray(start, start + chunkBytes).lastIndexOf(LINE_FEED);
  if (last >= 0) return start + last;
  const next = bytes.indexOf(LINE_FEED, start + chunkBytes);
  return next < 0 ? bytes.length : next;
}

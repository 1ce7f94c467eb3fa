// Which arrays of a run share memory: feeds that results are written over, and arrays that must not meet.
import type { NdArray } from "#base/array";

/** A result and the feed, or other result, in whose memory it is written. */
export interface SharedMemory {
  readonly result: string;
  readonly other: string;
  readonly otherIs: "feed" | "result";
  /** Whether they begin and end at the same bytes. */
  readonly isWhole: boolean;
}

interface Span {
  readonly name: string;
  readonly is: "feed" | "result";
  readonly start: number;
  readonly end: number;
}

/** Every pair of a result with another array that it shares memory with. Feeds may share with feeds: both are only read. */
export function sharedMemory(
  feeds: ReadonlyMap<string, NdArray>,
  results: ReadonlyMap<string, NdArray>,
): readonly SharedMemory[] {
  if (results.size === 0) return [];
  const spansByBuffer = new Map<ArrayBufferLike, Span[]>();
  addSpans(spansByBuffer, results, "result");
  addSpans(spansByBuffer, feeds, "feed");
  return [...spansByBuffer.values()].flatMap(meetingsIn);
}

function addSpans(spansByBuffer: Map<ArrayBufferLike, Span[]>, arrays: ReadonlyMap<string, NdArray>, is: Span["is"]): void {
  for (const [name, { data }] of arrays) {
    const span = { name, is, start: data.byteOffset, end: data.byteOffset + data.byteLength };
    const known = spansByBuffer.get(data.buffer);
    // A buffer that holds no result cannot be written to: its feeds need no look.
    if (known) known.push(span);
    else if (is === "result") spansByBuffer.set(data.buffer, [span]);
  }
}

function meetingsIn(spans: readonly Span[]): readonly SharedMemory[] {
  const found: SharedMemory[] = [];
  const open: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    for (let place = open.length - 1; place >= 0; place--) {
      const before = open[place]!;
      if (before.end <= span.start) open.splice(place, 1);
      else if (span.end > span.start) found.push(...meeting(before, span));
    }
    open.push(span);
  }
  return found;
}

function meeting(a: Span, b: Span): readonly SharedMemory[] {
  const [result, other] = a.is === "result" ? [a, b] : [b, a];
  if (result.is === "feed") return [];
  const isWhole = a.start === b.start && a.end === b.end;
  return [{ result: result.name, other: other.name, otherIs: other.is, isWhole }];
}

// What commands show a person: progress and tables on stderr, one JSON document on stdout.

/** One of the two streams of a process, or what stands in for it. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Characters in a line of a terminal. */
  readonly columns?: number;
}

/** Where a command writes: as a process has it. */
export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

let current: Terminal = process;

/** Does `work` while all that commands say goes to `terminal`. One at a time. */
export async function writingTo<T>(terminal: Terminal, work: () => Promise<T>): Promise<T> {
  const before = current;
  current = terminal;
  try {
    return await work();
  } finally {
    current = before;
  }
}

/** A bar on a terminal, a plain line now and then elsewhere (`plainPause`). All of it on stderr. */
export interface ProgressBar {
  /** `count` more units are done; `note` stands behind the bar. */
  advance(count: number, note?: string): void;
  finish(): void;
}

const BAR_WIDTH = 24;
const REDRAW_MS = 100;

/** Milliseconds from one plain line to the next: ten seconds, later a sixtieth of the time so far, at most five minutes. A log of days stays short. */
export function plainPause(elapsedMs: number): number {
  return Math.min(Math.max(elapsedMs / 60, 10_000), 300_000);
}

/** Shows how far `total` units of work have come, at which rate, and the time left. */
export function progressBar(label: string, total: number, { unit = "" }: { readonly unit?: string } = {}): ProgressBar {
  const { stderr } = current;
  const isTerminal = isWatched();
  const started = performance.now();
  let done = 0;
  let shown = started;
  const line = (note?: string) => {
    const seconds = (performance.now() - started) / 1000;
    const rate = seconds > 0 ? done / seconds : 0;
    const left = rate > 0 ? (total - done) / rate : Number.NaN;
    const counts = `${done}/${total}${unit ? ` ${unit}` : ""}`;
    const time = done < total ? `${formatDuration(left)} left` : formatDuration(seconds);
    const tail = [counts, ...(unit === "%" || rate === 0 ? [] : [formatRate(rate)]), time, ...(note ? [note] : [])].join("  ");
    if (!isTerminal) return `${label}: ${tail}`;
    const filled = Math.round((BAR_WIDTH * done) / Math.max(total, 1));
    return `${label.padEnd(10)} ${"█".repeat(filled)}${"·".repeat(BAR_WIDTH - filled)} ${tail}`;
  };
  const draw = (note?: string) => {
    shown = performance.now();
    stderr.write(isTerminal ? `\r\x1b[2K${line(note).slice(0, (stderr.columns ?? 120) - 1)}` : `${line(note)}\n`);
  };
  return {
    advance(count, note) {
      done += count;
      const now = performance.now();
      if (now - shown >= (isTerminal ? REDRAW_MS : plainPause(now - started))) draw(note);
    },
    finish() {
      draw();
      if (isTerminal) stderr.write("\n");
    },
  };
}

/** "1560/s", "26.2/s", "8.62 s each". */
export function formatRate(perSecond: number): string {
  if (perSecond < 1) return `${plain(1 / perSecond)} s each`;
  return `${plain(perSecond)}/s`;
}

/** Three digits, or all before the point. */
function plain(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** "1 h 04 min", "3 min 20 s", "12 s". */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}

/** The one JSON document of a command run with --json. */
export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

/** Text on stdout, as it is. */
export function print(text: string): void {
  current.stdout.write(text);
}

/** What a command was run to tell a person, on stdout, to be read page by page or kept. Under --json the document stands there instead. */
export function answer(lines: readonly string[]): void {
  print(lines.map((line) => `${line}\n`).join(""));
}

/** A line about the work, on stderr. */
export function say(line: string): void {
  current.stderr.write(`${line}\n`);
}

/** Whether a person sees the lines on stderr as they come. */
export function isWatched(): boolean {
  return current.stderr.isTTY === true;
}

/** "1 epoch", "3 epochs". */
export function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

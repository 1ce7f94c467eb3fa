// What an inspection gives.

/** What is printed with --json, and said without. */
export interface Inspected {
  readonly report: object;
  readonly lines: readonly string[];
}

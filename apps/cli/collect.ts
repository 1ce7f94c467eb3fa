// Options that may be repeated.

/** For commander: the values so far and one more. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

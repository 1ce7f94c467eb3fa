// Names and what is known of them, one under the other.

/** Lines of two columns, a little to the right. */
export function factLines(facts: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const width = facts.reduce((longest, [name]) => Math.max(longest, name.length), 0);
  return facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

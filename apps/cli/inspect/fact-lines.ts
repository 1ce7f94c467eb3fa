// Names and what is known of them, one under the other.

export type Fact = readonly [name: string, value: string];

/** Lines of two columns, a little to the right. */
export function factLines(facts: readonly Fact[]): readonly string[] {
  const width = facts.reduce((longest, [name]) => Math.max(longest, name.length), 0);
  return facts.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

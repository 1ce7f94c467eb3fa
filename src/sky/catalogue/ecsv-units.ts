// Units of an ECSV table, as astropy writes it: YAML in the comments above the names.

const COLUMN = /^#\s*-\s*\{name:\s*('[^']*'|"[^"]*"|[^,}]+),\s*unit:\s*('[^']*'|"[^"]*"|[^,}]+)/;

/** Units by column name; empty for text that is no ECSV. */
export function ecsvUnits(lines: readonly string[]): ReadonlyMap<string, string> {
  const units = new Map<string, string>();
  if (!/^#\s*%ECSV\b/.test(lines[0] ?? "")) return units;
  for (const line of lines) {
    if (!line.startsWith("#")) break;
    const [, name, unit] = COLUMN.exec(line) ?? [];
    if (name !== undefined && unit !== undefined) units.set(unquoted(name), unquoted(unit));
  }
  return units;
}

const unquoted = (text: string) => text.trim().replace(/^(['"])(.*)\1$/, "$2");

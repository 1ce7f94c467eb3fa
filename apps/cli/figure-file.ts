// Figures to disk, as SVG or PNG by the file's ending.
import { writeFileAtomically } from "#base/files/disk";
import { pngOfSvg } from "#report/native";
import { UsageError } from "./usage-error.ts";

export const FIGURE_ENDINGS = [".svg", ".png"] as const;

export function isFigure(path: string): boolean {
  return FIGURE_ENDINGS.some((ending) => path.toLowerCase().endsWith(ending));
}

/** Throws UsageError for a name that does not end as a figure's. */
export function checkFigureName(path: string, option: string): void {
  if (!isFigure(path)) throw new UsageError(`${option} ${path}: expected a name that ends in ${FIGURE_ENDINGS.join(" or ")}.`);
}

/** Writes a figure whole or not at all. Throws FileError. */
export function writeFigure(path: string, svg: string): void {
  writeFileAtomically(path, path.toLowerCase().endsWith(".png") ? pngOfSvg(svg) : new TextEncoder().encode(`${svg}\n`));
}

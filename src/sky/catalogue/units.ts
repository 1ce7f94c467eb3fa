// The units of catalogue columns, in the spellings that programs use.

const UNITS_PER_JY: Readonly<Record<string, number>> = { jy: 1, mjy: 1e3, ujy: 1e6, µjy: 1e6, μjy: 1e6, njy: 1e9 };
const UNITS_PER_DEGREE: Readonly<Record<string, number>> = {
  deg: 1,
  degree: 1,
  degrees: 1,
  arcmin: 60,
  amin: 60,
  arcsec: 3600,
  asec: 3600,
  as: 3600,
};

/** Sexagesimal positions show in their cells; a heading may say so too. */
const POSITION_UNIT = /^(deg(rees?)?|[hd]:m:s|[hd]ms|"?[hd] m s"?)$/;

/** Cells of a line of units, and words behind a name, that say nothing of a unit: "RA (J2000)". */
const NO_UNIT = /^[-.]*$|^(none|j2000(\.0)?|icrs|fk5)$/;

/** A unit in small letters, "/beam" left out: "Jy/beam", "JY BEAM-1", "beam-1 Jy" and "Jy_per_beam" are jy. Undefined for no unit. */
export function unitNamed(text: string | undefined): string | undefined {
  const unit = text?.trim().toLowerCase();
  if (unit === undefined || NO_UNIT.test(unit)) return undefined;
  // FITS and astropy put the beam in front: units in alphabetical order.
  const beamBehind = unit.replace(/^beam(\^|\*\*)?-1[ .*](\S+)$/, "$2 beam-1");
  return beamBehind.replace(/(jy)(b|[/_ .]*(per)?[/_ ]*(b|beam)((\^|\*\*)?-1)?)$/, "$1");
}

/** How many of a unit make 1 Jy (flux) or 1 degree (angle, position); undefined for other units. */
export function unitsPerStandard(kind: "flux" | "angle" | "position", unit: string): number | undefined {
  if (kind === "position") return POSITION_UNIT.test(unit) ? 1 : undefined;
  const units = kind === "flux" ? UNITS_PER_JY : UNITS_PER_DEGREE;
  return Object.hasOwn(units, unit) ? units[unit] : undefined;
}

/** Whether a line of a table is one of units: a known unit among its cells, and nothing that is a number. */
export function isUnitLine(cells: readonly string[]): boolean {
  const isKnown = (cell: string) => {
    const unit = unitNamed(cell);
    return unit !== undefined && (unitsPerStandard("flux", unit) ?? unitsPerStandard("angle", unit)) !== undefined;
  };
  return cells.some(isKnown) && cells.every((cell) => cell === "" || Number.isNaN(Number(cell)));
}

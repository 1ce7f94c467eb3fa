// The box round a source in pixels: of its ellipse at half maximum, as COCO annotations have it.
import type { Source } from "#sky/catalogue";
import type { Beam, Wcs } from "#sky/fits";

/** Half the width and the height of a box round a source, in pixels. */
export interface BoxReach {
  readonly x: number;
  readonly y: number;
}

/** A source without a size, in a field without a beam, is one pixel. */
const POINT: BoxReach = { x: 0.5, y: 0.5 };

const RADIANS = Math.PI / 180;

/**
 * Makes the rule for a field: the box that a source's ellipse touches (FWHM; of a source without a size the beam's), never less
 * than one pixel wide. North and east are those of the field at its reference point's scale, measured at the source.
 */
export function boxReachIn({ wcs, beam }: { readonly wcs: Wcs; readonly beam?: Beam }): (source: Source) => BoxReach {
  return (source) => {
    const majorDeg = source.majorDeg ?? beam?.majorDeg;
    const minorDeg = source.minorDeg ?? source.majorDeg ?? beam?.minorDeg;
    const angleDeg = source.majorDeg === null ? beam?.positionAngleDeg : source.positionAngleDeg;
    if (majorDeg === undefined || minorDeg === undefined) return POINT;
    const axes = axesAt(wcs, source);
    if (axes === undefined) return POINT;
    const [cos, sin] = [Math.cos((angleDeg ?? 0) * RADIANS), Math.sin((angleDeg ?? 0) * RADIANS)];
    const reach = (north: number, east: number) =>
      Math.max(0.5, Math.hypot((majorDeg / 2) * (cos * north + sin * east), (minorDeg / 2) * (cos * east - sin * north)));
    return { x: reach(axes.north.x, axes.east.x), y: reach(axes.north.y, axes.east.y) };
  };
}

const STEP_DEG = 1e-4;

/** Pixels per degree towards north and towards east. */
function axesAt(wcs: Wcs, { raDeg, decDeg }: Source) {
  // Over the pole a step north would turn back.
  const towards = decDeg + STEP_DEG > 90 ? -1 : 1;
  const here = wcs.skyToPixel(raDeg, decDeg);
  const northern = wcs.skyToPixel(raDeg, decDeg + towards * STEP_DEG);
  const eastern = wcs.skyToPixel(raDeg + STEP_DEG / Math.max(Math.cos(decDeg * RADIANS), 1e-6), decDeg);
  if (!here || !northern || !eastern) return undefined;
  const per = (there: BoxReach, sign: number) => ({
    x: (sign * (there.x - here.x)) / STEP_DEG,
    y: (sign * (there.y - here.y)) / STEP_DEG,
  });
  return { north: per(northern, towards), east: per(eastern, 1) };
}

// The projection that a header names, with its parameters; distortions and unknown ones are refused in words.
import type { CelestialAxes } from "./celestial-axes.ts";
import type { FitsHeader } from "./header.ts";
import { PLAIN_PROJECTIONS, type Projection, type ProjectionName } from "./projection.ts";
import { orthographic } from "./zenithal-projections.ts";

/** The projection, or a sentence that says why there is none. `decDeg` is the reference point's. */
export function projectionOf(header: FitsHeader, axes: CelestialAxes, decDeg: number): Projection | string {
  const { projection } = axes;
  const distortion = distortionOf(header, axes);
  if (distortion !== undefined) return `${distortion}, which is not supported`;
  if (projection === "NCP") {
    if (decDeg === 0) return "the NCP projection has no image at declination 0";
    return orthographic(0, 1 / Math.tan((decDeg * Math.PI) / 180));
  }
  const parameter = (term: number) => header.number(`PV${axes.latitude}_${term}`) ?? 0;
  if (projection === "SIN") return orthographic(parameter(1), parameter(2));
  if (Object.hasOwn(PLAIN_PROJECTIONS, projection)) return PLAIN_PROJECTIONS[projection as ProjectionName]; // one of its keys
  if (projection === "") return "the RA and Dec axes name no projection";
  return `the ${projection} projection is not supported (${Object.keys(PLAIN_PROJECTIONS).join(", ")} and NCP are)`;
}

/** What in a header bends the plane beyond its projection, as the start of a sentence. */
function distortionOf(header: FitsHeader, { longitude, latitude, projection }: CelestialAxes): string | undefined {
  const [name, suffix] = projection.split("-");
  if (suffix !== undefined) return `the ${name} projection with ${suffix} distortion`;
  for (const axis of [longitude, latitude]) {
    const kind = header.string(`CPDIS${axis}`) ?? header.string(`CQDIS${axis}`);
    if (kind !== undefined) return `CPDIS${axis} or CQDIS${axis} = "${kind.trim()}" asks for a distortion`;
  }
  // Some programs write the SIP polynomials without naming them in CTYPE; others then apply them.
  const order = header.number("A_ORDER") ?? header.number("B_ORDER") ?? 0;
  if (order > 0) return `A_ORDER and B_ORDER ask for SIP distortion (order ${order})`;
  if (projection !== "TAN") return undefined;
  const term = new RegExp(`^PV(${latitude}_\\d+|${longitude}_([5-9]|\\d\\d+))$`);
  const card = header.cards.find(({ keyword }) => term.test(keyword));
  return card && `${card.keyword} asks for a distorted TAN projection (TPV)`;
}

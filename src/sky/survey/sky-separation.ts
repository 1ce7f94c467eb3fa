// How far two positions are apart on the sky.

/** Angle between two directions in degrees (Vincenty's formula on a sphere: exact for small and large angles alike). */
export function skySeparationDeg(
  a: { readonly raDeg: number; readonly decDeg: number },
  b: { readonly raDeg: number; readonly decDeg: number },
): number {
  const radians = Math.PI / 180;
  const [sinA, cosA] = [Math.sin(a.decDeg * radians), Math.cos(a.decDeg * radians)];
  const [sinB, cosB] = [Math.sin(b.decDeg * radians), Math.cos(b.decDeg * radians)];
  const difference = (b.raDeg - a.raDeg) * radians;
  const across = Math.hypot(cosB * Math.sin(difference), cosA * sinB - sinA * cosB * Math.cos(difference));
  return Math.atan2(across, sinA * sinB + cosA * cosB * Math.cos(difference)) / radians;
}

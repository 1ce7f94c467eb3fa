// The primary beam: how a dish's sensitivity falls off from the pointing centre (MGCLS, paper section 2.1).

/** x = TAPER rho / FWHM at which the taper's power is one half for rho = FWHM / 2 (Mauch et al. 2020; Condon & Ransom 2016, eq. 3.95). */
const TAPER = 1.1889647809329453;

/**
 * Power of a cosine-tapered dish, 1 on axis and 1/2 at half its FWHM (Mauch et al. 2020, eq. 3: [cos(pi x) / (1 - 4 x^2)]^2).
 * MeerKAT's FWHM is 57.5' (1.5 GHz / frequency).
 */
export function primaryBeamPower(offsetDeg: number, fwhmDeg: number): number {
  const x = (TAPER * offsetDeg) / fwhmDeg;
  const denominator = 1 - 4 * x * x;
  // At x = 1/2 both vanish; the limit of their ratio is pi / 4.
  if (Math.abs(denominator) < 1e-7) return (Math.PI / 4) ** 2;
  return (Math.cos(Math.PI * x) / denominator) ** 2;
}

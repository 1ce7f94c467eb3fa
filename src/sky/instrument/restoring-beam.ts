// The restoring beam: the elliptical Gaussian a CLEAN image is convolved with (paper section 2.1), in pixels of an image.

/** FWHM of the axes and position angle (north through east), all in degrees. */
export interface RestoringBeam {
  readonly majorDeg: number;
  readonly minorDeg: number;
  readonly positionAngleDeg: number;
}

/** exp(-(xx dx^2 + xy dx dy + yy dy^2)) in pixels: x along columns (west, as right ascension falls), y along rows (north). */
export interface GaussianForm {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/**
 * The beam as a quadratic form on a grid of square pixels, with north up and east to the left (CDELT1 < 0).
 * Throws RangeError where an axis or the pixel is not positive.
 */
export function gaussianForm(beam: RestoringBeam, pixelScaleDeg: number): GaussianForm {
  for (const size of [beam.majorDeg, beam.minorDeg, pixelScaleDeg]) {
    if (!(size > 0)) throw new RangeError(`restoring beam: expected axes and pixel above 0 degrees, got ${size}.`);
  }
  // exp(-4 ln 2 (r / FWHM)^2) is one half at r = FWHM / 2.
  const alongMajor = 4 * Math.LN2 * (pixelScaleDeg / beam.majorDeg) ** 2;
  const alongMinor = 4 * Math.LN2 * (pixelScaleDeg / beam.minorDeg) ** 2;
  const angle = (beam.positionAngleDeg * Math.PI) / 180;
  // The major axis points to (east, north) = (sin, cos), and east is -x.
  const majorX = -Math.sin(angle);
  const majorY = Math.cos(angle);
  return {
    xx: alongMajor * majorX ** 2 + alongMinor * majorY ** 2,
    xy: 2 * (alongMajor - alongMinor) * majorX * majorY,
    yy: alongMajor * majorY ** 2 + alongMinor * majorX ** 2,
  };
}

/** Inverse of the symmetric matrix [[xx, xy/2], [xy/2, yy]], in the same three numbers. */
function inverse({ xx, xy, yy }: GaussianForm): GaussianForm {
  const determinant = xx * yy - (xy * xy) / 4;
  return { xx: yy / determinant, xy: -xy / determinant, yy: xx / determinant };
}

/** Value of the Gaussian at an offset in pixels; 1 at the centre. */
export function gaussianAt(form: GaussianForm, dx: number, dy: number): number {
  return Math.exp(-(form.xx * dx * dx + form.xy * dx * dy + form.yy * dy * dy));
}

/** Half sides in pixels of the box outside which the Gaussian is below `level`. */
export function boxOf(form: GaussianForm, level: number): { readonly halfWidth: number; readonly halfHeight: number } {
  const covariance = inverse(form);
  const depth = -Math.log(level);
  return { halfWidth: Math.sqrt(depth * covariance.xx), halfHeight: Math.sqrt(depth * covariance.yy) };
}

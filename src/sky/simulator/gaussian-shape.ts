// Covariances of elliptical Gaussians in pixels: they add where Gaussians are convolved, and give their Fourier transforms.
import type { RestoringBeam } from "#sky/instrument";
import type { SkyGaussian } from "./sky-object.ts";

/** Covariance of a Gaussian in square pixels: x to the west, y to the north. */
export interface Covariance {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

const FWHM_PER_SIGMA = 2 * Math.sqrt(2 * Math.LN2);

/** Covariance of an ellipse of these FWHM (pixels), its major axis at an angle from north through east. */
export function covarianceOf(major: number, minor: number, positionAngleDeg: number): Covariance {
  const [majorSquare, minorSquare] = [(major / FWHM_PER_SIGMA) ** 2, (minor / FWHM_PER_SIGMA) ** 2];
  const angle = (positionAngleDeg * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  return {
    xx: majorSquare * sin * sin + minorSquare * cos * cos,
    // East is -x.
    xy: (minorSquare - majorSquare) * sin * cos,
    yy: majorSquare * cos * cos + minorSquare * sin * sin,
  };
}

/** A component's covariance in pixels of this size. */
export function covarianceOfGaussian(gaussian: SkyGaussian, pixelScaleDeg: number): Covariance {
  const { majorArcsec, minorArcsec, positionAngleDeg } = gaussian;
  const pixelArcsec = pixelScaleDeg * 3600;
  return covarianceOf(majorArcsec / pixelArcsec, minorArcsec / pixelArcsec, positionAngleDeg);
}

/** A beam's covariance in pixels of this size. */
export function covarianceOfBeam({ majorDeg, minorDeg, positionAngleDeg }: RestoringBeam, pixelScaleDeg: number): Covariance {
  return covarianceOf(majorDeg / pixelScaleDeg, minorDeg / pixelScaleDeg, positionAngleDeg);
}

/** The covariance of two Gaussians convolved. */
export function summed(a: Covariance, b: Covariance): Covariance {
  return { xx: a.xx + b.xx, xy: a.xy + b.xy, yy: a.yy + b.yy };
}

/** Integral over all pixels of a Gaussian whose peak is 1. */
export function areaOf({ xx, xy, yy }: Covariance): number {
  return 2 * Math.PI * Math.sqrt(xx * yy - xy * xy);
}

/** The ellipse of a covariance: FWHM in pixels and position angle. */
export function ellipseOf({ xx, xy, yy }: Covariance): {
  readonly major: number;
  readonly minor: number;
  readonly positionAngleDeg: number;
} {
  const [middle, spread] = [(xx + yy) / 2, Math.hypot((yy - xx) / 2, xy)];
  const angle = (Math.atan2(-2 * xy, yy - xx) * 90) / Math.PI;
  return {
    major: FWHM_PER_SIGMA * Math.sqrt(middle + spread),
    minor: FWHM_PER_SIGMA * Math.sqrt(Math.max(0, middle - spread)),
    positionAngleDeg: (angle + 180) % 180,
  };
}

// The sky as the dishes let it through: every component dimmed by the primary beam at its place, in pixels of the uv plane's square.
import type { RestoringBeam } from "#sky/instrument";
import type { FieldGeometry } from "./field-geometry.ts";
import { areaOf, type Covariance, covarianceOfBeam, covarianceOfGaussian, summed } from "./gaussian-shape.ts";
import { type Canvas, type PaintedGaussian, paintGaussian } from "./paint.ts";
import type { SkyObject } from "./sky-object.ts";

/** The components of an object as they are painted. Their fluxes are apparent. */
export function apparentComponents(object: SkyObject, geometry: FieldGeometry): readonly PaintedGaussian[] {
  const pixelArcsec = geometry.pixelScaleDeg * 3600;
  return object.components.map((component) => {
    const x = object.x - component.eastArcsec / pixelArcsec;
    const y = object.y + component.northArcsec / pixelArcsec;
    return {
      x: x + geometry.padding,
      y: y + geometry.padding,
      flux: component.fluxJy * geometry.powerAt(x, y),
      shape: covarianceOfGaussian(component, geometry.pixelScaleDeg),
    };
  });
}

/** Flux density of an object as the primary beam lets it through. */
export function apparentFluxJy(object: SkyObject, geometry: FieldGeometry): number {
  return apparentComponents(object, geometry).reduce((sum, { flux }) => sum + flux, 0);
}

/** Peak of a Gaussian of given flux once it is convolved with the beam. */
function peakOf(flux: number, shape: Covariance, beam: Covariance): number {
  return (flux * areaOf(beam)) / areaOf(summed(shape, beam));
}

/** The part of the sky that CLEAN finds, and the part that stays in the residuals. */
export interface CleanedSky {
  readonly cleaned: Canvas;
  readonly residual: Canvas;
}

/** Paints all objects: of each component's peak, what exceeds `cleanLimit` is cleaned, the rest is residual. */
export function paintCleanedSky(
  objects: readonly SkyObject[],
  geometry: FieldGeometry,
  { beam, cleanLimit }: { readonly beam: RestoringBeam; readonly cleanLimit: number },
  { cleaned, residual }: CleanedSky,
): void {
  const beamShape = covarianceOfBeam(beam, geometry.pixelScaleDeg);
  for (const object of objects) {
    for (const component of apparentComponents(object, geometry)) {
      const peak = peakOf(component.flux, component.shape, beamShape);
      const residualShare = peak > 0 ? Math.min(1, cleanLimit / peak) : 1;
      if (residualShare > 0) paintGaussian(residual, { ...component, flux: component.flux * residualShare });
      if (residualShare < 1) paintGaussian(cleaned, { ...component, flux: component.flux * (1 - residualShare) });
    }
  }
}

/** Paints apparent flux times spectral index: divided by apparent flux it is the spectral index of what is seen. */
export function paintSpectralSky(objects: readonly SkyObject[], geometry: FieldGeometry, canvas: Canvas): void {
  for (const object of objects) {
    for (const component of apparentComponents(object, geometry)) {
      paintGaussian(canvas, { ...component, flux: component.flux * object.spectralIndex });
    }
  }
}

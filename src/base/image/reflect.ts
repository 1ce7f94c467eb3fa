// What lies beyond an image's edge: the image again, mirrored at the edge itself (d c b a | a b c d | d c b a).

/**
 * The pixel inside [0, size) that stands for any whole index. Each pixel is repeated at the edge, so a symmetric filter
 * keeps the sum of the image (scipy.ndimage calls this mode "reflect").
 */
export function reflectIndex(index: number, size: number): number {
  const period = 2 * size;
  const inPeriod = ((index % period) + period) % period;
  return inPeriod < size ? inPeriod : period - 1 - inPeriod;
}

"""A FITS image tile by tile as fpack does by default: rows, RICE_1, floats in steps of a quarter of the noise, dithered."""
import sys

from astropy.io import fits

source, target = sys.argv[1:]
with fits.open(source) as hdus:
    planes = hdus[0].data[0]  # astropy compresses images of up to three axes
    image = fits.CompImageHDU(planes, hdus[0].header, compression_type="RICE_1", quantize_level=4.0, quantize_method=1, dither_seed=1)
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(target, overwrite=True)

"""source-extractor on an image, as the simulator's own catalogue is meant: peaks above five times the local rms."""
import os
import subprocess

import numpy as np
from astropy.io import fits

SETTINGS = {
    "DETECT_THRESH": 3,
    "ANALYSIS_THRESH": 3,
    "DETECT_MINAREA": 5,
    "FILTER": "N",
    "CLEAN": "N",
    "BACK_SIZE": 128,
    "CATALOG_TYPE": "FITS_1.0",
    "CHECKIMAGE_TYPE": "BACKGROUND_RMS",
    "MEMORY_OBJSTACK": 30000,
    "MEMORY_PIXSTACK": 3000000,
    "VERBOSE_TYPE": "QUIET",
}
COLUMNS = ["XPEAK_IMAGE", "YPEAK_IMAGE", "X_IMAGE", "Y_IMAGE", "FLUX_MAX"]
PEAK_RMS = 5


def detections(image, folder, name):
    """Sources of an image [rows, columns]: x, y (pixels from 0) and peak, all whose peak is above five times the rms at its place."""
    place = lambda suffix: os.path.join(folder, f"{name}{suffix}")
    fits.writeto(place(".fits"), image.astype(np.float32), overwrite=True)
    with open(place(".param"), "w") as file:
        file.write("\n".join(COLUMNS) + "\n")
    options = {**SETTINGS, "PARAMETERS_NAME": place(".param"), "CATALOG_NAME": place(".cat"), "CHECKIMAGE_NAME": place("-rms.fits")}
    with open(place(".sex"), "w") as file:
        file.write("".join(f"{key} {value}\n" for key, value in options.items()))
    subprocess.run(["source-extractor", place(".fits"), "-c", place(".sex")], check=True, capture_output=True)
    table = fits.getdata(place(".cat"), 1)
    rms = fits.getdata(place("-rms.fits"))
    found = table["FLUX_MAX"] > PEAK_RMS * rms[table["YPEAK_IMAGE"] - 1, table["XPEAK_IMAGE"] - 1]
    kept = table[found]
    return {"x": kept["X_IMAGE"] - 1.0, "y": kept["Y_IMAGE"] - 1.0, "peak": kept["FLUX_MAX"].astype(float), "rms": rms}

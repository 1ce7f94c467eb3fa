"""Makes test/fixtures/instrument/wsclean-beam.json: dirty beam and noise of an eight-hour MeerKAT observation as wsclean images them.

usage: wsclean_beam.py ANTENNAS.csv OUT.json. Made with wsclean 3.1 and python3-casacore 3.5.2 (Debian 12), numpy seed 1.
Robust 0, 1024 x 1024 cells (wsclean weights on its padded grid, so its image is 852 wide), 1.25 arcsec, declination -40 degrees.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from casacore import tables

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench", "peers"))
from measurement_set import make_measurement_set  # noqa: E402

LATITUDE = -(30 + 42 / 60 + 39.8 / 3600)
LONGITUDE = np.radians(21 + 26 / 60 + 38.0 / 3600)
GRID, IMAGE, REACH = 1024, 852, 24
LAGS = [2, 4, 6, 8, 10, 12]


def dishes(path):
    """East, north, up in metres, from the geocentric coordinates (a common shift does not matter)."""
    with open(path) as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        places = np.array([[float(row[name]) for name in ("x_m", "y_m", "z_m")] for row in rows])
    places -= places.mean(axis=0)
    latitude = np.radians(LATITUDE)
    x = places[:, 0] * np.cos(LONGITUDE) + places[:, 1] * np.sin(LONGITUDE)
    east = -places[:, 0] * np.sin(LONGITUDE) + places[:, 1] * np.cos(LONGITUDE)
    north = -np.sin(latitude) * x + np.cos(latitude) * places[:, 2]
    up = np.cos(latitude) * x + np.sin(latitude) * places[:, 2]
    return np.stack([east, north, up], axis=1).tolist()


def wsclean(folder, *arguments):
    size = ["-size", str(IMAGE), str(IMAGE), "-padding", str(GRID / IMAGE), "-scale", "1.25asec"]
    command = ["wsclean", "-quiet", *size, "-weight", "briggs", "0", "-pol", "I", "-name", "noise", *arguments, "sky.ms"]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})


def main(antennas, out):
    observation = {
        "dishes": dishes(antennas),
        "latitudeDeg": LATITUDE,
        "declinationDeg": -40.0,
        "hourAngles": [-4 + (step + 0.5) / 6 for step in range(48)],
        "integrationHours": 1 / 6,
        "frequenciesHz": [880e6 + channel * 790e6 / 7 for channel in range(8)],
    }
    with tempfile.TemporaryDirectory() as folder:
        make_measurement_set(os.path.join(folder, "sky.ms"), observation, [30.0, -40.0])
        random = np.random.default_rng(1)
        with tables.table(os.path.join(folder, "sky.ms"), readonly=False, ack=False) as table:
            shape = table.getcol("DATA").shape
            table.putcol("DATA", (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(np.complex64))
        wsclean(folder, "-make-psf")
        psf = fits.getdata(os.path.join(folder, "noise-psf.fits"))[0, 0].astype(float)
        header = fits.getheader(os.path.join(folder, "noise-psf.fits"))
        noise = fits.getdata(os.path.join(folder, "noise-dirty.fits"))[0, 0].astype(float)
    middle = IMAGE // 2
    core = psf[middle - REACH:middle + REACH + 1, middle - REACH:middle + REACH + 1]
    power = (noise * noise).mean()
    fixture = {
        "made": "wsclean 3.1, python3-casacore 3.5.2, test/reference/wsclean_beam.py",
        "robust": 0, "size": GRID, "pixelArcsec": 1.25, "declinationDeg": -40, "reach": REACH,
        "dirtyBeam": [round(float(value), 5) for value in core.ravel()],
        "beamArcsec": [round(float(header[key]) * 3600, 3) for key in ("BMAJ", "BMIN")] + [round(float(header["BPA"]) % 180, 2)],
        "noiseRmsOfUnitVisibilities": float(f"{np.sqrt(power):.6g}"),
        "lags": LAGS,
        "noiseCorrelationWest": [round(float((noise[:, lag:] * noise[:, :-lag]).mean() / power), 4) for lag in LAGS],
        "noiseCorrelationNorth": [round(float((noise[lag:] * noise[:-lag]).mean() / power), 4) for lag in LAGS],
    }
    with open(out, "w") as file:
        json.dump(fixture, file)
        file.write("\n")


main(*sys.argv[1:])

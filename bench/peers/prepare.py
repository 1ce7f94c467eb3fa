"""The peer of bench prepare: one plane of a field to crops with numpy and astropy, as one would write it by hand."""
import csv
import hashlib
import json
import os
import sys

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from turns import serve_turns

TASK = json.loads(sys.argv[1])
SIZE = TASK["cropSize"]


def first_pixels(length):
    count = -(-length // SIZE)
    return [round(i * (length - SIZE) / (count - 1)) for i in range(count)]


def owners(x, y, places):
    """Index of the crop with the nearest centre among those that hold each source, -1 where none does."""
    corner = np.array(places)[:, :, None] - 0.5
    dy, dx = y - corner[:, 0] - SIZE / 2, x - corner[:, 1] - SIZE / 2
    inside = (np.abs(dy) <= SIZE / 2) & (np.abs(dx) <= SIZE / 2)
    distance = np.where(inside, np.hypot(dy, dx), np.inf)
    nearest = distance.argmin(axis=0)
    return np.where(inside.any(axis=0), nearest, -1)


def prepare():
    with fits.open(TASK["field"]) as hdus:
        stored = hdus[0].section[0, 0]  # reads this plane alone
        wcs = WCS(hdus[0].header).celestial
    digest = hashlib.sha256(stored).hexdigest()
    image = stored.astype(np.float32)
    values = image[~np.isnan(image)]
    low, high, lower_quartile, upper_quartile = np.percentile(values, [2, 98, 25, 75])
    rms = 0.741301109252801 * (upper_quartile - lower_quartile)

    places, crops, rejected = [], [], 0
    for y0 in first_pixels(image.shape[0]):
        for x0 in first_pixels(image.shape[1]):
            crop = image[y0:y0 + SIZE, x0:x0 + SIZE]
            if np.isnan(crop).any():
                rejected += 1
                continue
            places.append((y0, x0))
            crops.append(crop)

    ra, dec = np.loadtxt(TASK["catalogue"], delimiter=",", skiprows=1, usecols=(1, 2), unpack=True)
    x, y = wcs.wcs_world2pix(ra, dec, 0)
    owner = owners(x, y, places)
    counts = np.bincount(owner[owner >= 0], minlength=len(places))

    os.makedirs(TASK["out"], exist_ok=True)
    np.save(os.path.join(TASK["out"], "crops.npy"), np.stack(crops))
    with open(os.path.join(TASK["out"], "crops.csv"), "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["y0", "x0", "low", "high", "rms", "sources"])
        writer.writerows([*place, low, high, rms, count] for place, count in zip(places, counts))
    with open(os.path.join(TASK["out"], "read.json"), "w") as file:
        json.dump({"sha256": digest}, file)
    return {"crops": len(places), "rejected": rejected, "ownedSources": int(counts.sum()),
            "lowFlux": float(low), "highFlux": float(high), "rms": float(rms)}


def warm():
    for _ in range(4):
        prepare()


serve_turns(warm, prepare)

"""An independent image of a simulated sky: visibilities of the same components, noise and gain errors, imaged and CLEANed by wsclean.

One JSON document in (a file's path), one out (stdout): statistics of both images, and what source-extractor finds in each.
"""
import json
import os
import subprocess
import sys
import time

import numpy as np
from astropy.io import fits
from casacore import tables
from scipy.spatial import cKDTree

from measurement_set import make_measurement_set
from source_extractor import detections

LIGHT = 299_792_458.0
PAINT_FWHM_PIXELS = 3.0  # every component is widened by this, and the visibilities divided by its transform
SIGMA_PER_FWHM = 1 / np.sqrt(8 * np.log(2))
BINS_JY = [(15e-6, 20e-6), (20e-6, 30e-6), (30e-6, 50e-6), (50e-6, 100e-6), (100e-6, 300e-6), (300e-6, 10.0)]
MATCH_PIXELS = 3.2  # four arcseconds


def painted(task):
    """The sky [size, size] in Jy per pixel, its phase centre at pixel [size / 2, size / 2], every component widened."""
    size = task["gridSize"]
    image = np.zeros((size, size))
    widening = (PAINT_FWHM_PIXELS * SIGMA_PER_FWHM) ** 2
    for x, y, flux, xx, xy, yy in np.asarray(task["components"]):
        xx, yy = xx + widening, yy + widening
        determinant = xx * yy - xy * xy
        reach_x, reach_y = 6 * np.sqrt(xx), 6 * np.sqrt(yy)
        columns = np.arange(max(0, int(np.ceil(x - reach_x))), min(size - 1, int(x + reach_x)) + 1)
        rows = np.arange(max(0, int(np.ceil(y - reach_y))), min(size - 1, int(y + reach_y)) + 1)
        if len(columns) == 0 or len(rows) == 0:
            continue
        dx, dy = columns[None, :] - x, rows[:, None] - y
        form = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / (2 * determinant)
        image[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1] += flux / (2 * np.pi * np.sqrt(determinant)) * np.exp(-form)
    return image


def write_model(path, image, task):
    size = task["gridSize"]
    header = fits.Header()
    axes = [("RA---SIN", task["centreDeg"][0], -task["pixelScaleDeg"], size / 2 + 1), ("DEC--SIN", task["centreDeg"][1], task["pixelScaleDeg"], size / 2 + 1)]
    frequency = float(np.mean(task["observation"]["frequenciesHz"]))
    axes += [("FREQ", frequency, 8e8, 1.0), ("STOKES", 1.0, 1.0, 1.0)]
    for axis, (kind, value, step, pixel) in enumerate(axes, start=1):
        header.update({f"CTYPE{axis}": kind, f"CRVAL{axis}": value, f"CDELT{axis}": step, f"CRPIX{axis}": pixel})
    header.update({"CUNIT1": "deg", "CUNIT2": "deg", "CUNIT3": "Hz", "BUNIT": "JY/PIXEL", "EQUINOX": 2000.0, "RADESYS": "FK5"})
    fits.writeto(path, image[None, None].astype(np.float32), header, overwrite=True)


def wsclean(folder, *arguments):
    command = ["wsclean", "-j", "2", "-quiet", "-use-wgridder", "-wgridder-accuracy", "1e-5", *map(str, arguments), "sky.ms"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {(done.stdout + done.stderr)[-2000:]}")


def observe(task, folder, uvw, pairs):
    """Fills DATA: the predicted visibilities with the widening taken off, gain errors and noise."""
    random = np.random.default_rng(task["seed"])
    observation = task["observation"]
    frequencies = np.asarray(observation["frequenciesHz"])
    with tables.table(os.path.join(folder, "sky.ms"), readonly=False, ack=False) as table:
        data = table.getcol("MODEL_DATA").astype(np.complex128)
        sigma = np.radians(task["pixelScaleDeg"]) * PAINT_FWHM_PIXELS * SIGMA_PER_FWHM
        squares = (uvw[:, :2] ** 2).sum(axis=1)[:, None] * (frequencies / LIGHT) ** 2
        data *= np.exp(2 * np.pi**2 * sigma**2 * squares)[:, :, None]
        data *= gains(task["gainErrors"], observation, pairs, random)[:, None, None]
        noise = random.normal(size=(2, *data.shape)) * task["noisePerVisibilityJy"]
        table.putcol("DATA", (data + noise[0] + 1j * noise[1]).astype(np.complex64))


def gains(errors, observation, pairs, random):
    """g_i g_j* of every row; a dish keeps its gain for the coherence time."""
    num_dishes, num_integrations = len(observation["dishes"]), len(observation["hourAngles"])
    span = np.floor(np.arange(num_integrations) * observation["integrationHours"] / errors["coherenceHours"] + 1e-9).astype(int)
    shape = (span[-1] + 1, num_dishes)
    gain = (1 + errors["amplitude"] * random.normal(size=shape)) * np.exp(1j * np.radians(errors["phaseDeg"]) * random.normal(size=shape))
    per_integration = gain[span]
    return (per_integration[:, pairs[:, 0]] * per_integration[:, pairs[:, 1]].conj()).reshape(-1)


def plane(path):
    return fits.getdata(path)[0, 0].astype(float)


def field_part(image, task):
    """The field's pixels of a square image of even side, its phase centre at side / 2."""
    first = len(image) // 2 - (task["fieldSize"] - 1) // 2
    return image[first:first + task["fieldSize"], first:first + task["fieldSize"]]


def clipped(image):
    """Values within four sigma of the median, iterated."""
    values = image.ravel()
    for _ in range(10):
        centre, sigma = np.median(values), values.std()
        kept = values[np.abs(values - centre) < 4 * sigma]
        if len(kept) == len(values):
            break
        values = kept
    return values


def autocorrelation(image, lags):
    values = clipped(image)
    low, high = values.min(), values.max()
    flat = np.clip(image, low, high) - values.mean()
    power = (flat * flat).mean()
    return [float((flat[:, lag:] * flat[:, :-lag]).mean() / power) for lag in lags]


def statistics(image):
    micro = image * 1e6
    median = float(np.median(micro))
    low, high, far = np.percentile(micro, [2, 98, 99.9])
    return {
        "median": median,
        "madRms": float(1.4826 * np.median(np.abs(micro - median))),
        "clippedRms": float(clipped(micro).std()),
        "p2": float(low),
        "p98": float(high),
        "p99.9": float(far),
        "max": float(micro.max()),
        "autocorrelation": dict(zip(["2px", "4px", "6px", "8px", "12px", "16px"], autocorrelation(image, [2, 4, 6, 8, 12, 16]))),
    }


def found(image, task, folder, name):
    """Detections, completeness by true apparent flux, the share of detections that are true, and peaks against true fluxes of points."""
    sources = detections(image, folder, name)
    truth = np.asarray([row[:3] for row in task["truth"]])
    is_point = np.asarray([row[3] == "point" for row in task["truth"]])
    places = np.stack([sources["x"], sources["y"]], axis=1)
    inside = ((truth[:, :2] > 20) & (truth[:, :2] < task["fieldSize"] - 20)).all(axis=1)
    distance, nearest = cKDTree(places).query(truth[:, :2])
    seen = distance < MATCH_PIXELS
    completeness = {}
    for low, high in BINS_JY:
        rows = inside & (truth[:, 2] >= low) & (truth[:, 2] < high)
        completeness[f"{low * 1e6:.0f}-{high * 1e6:.0f}"] = {"share": float(seen[rows].mean()), "number": int(rows.sum())}
    tree = cKDTree(truth[:, :2])
    brightest = np.array([max((truth[near, 2] for near in tree.query_ball_point(place, MATCH_PIXELS)), default=0.0) for place in places])
    bright_points = inside & is_point & seen & (truth[:, 2] > 100e-6)
    ratio = sources["peak"][nearest[bright_points]] / truth[bright_points, 2]
    return {
        "detections": len(places),
        "medianRms": float(np.median(sources["rms"]) * 1e6),
        "completeness": completeness,
        "reliability": float((brightest > 0.5 * sources["peak"]).mean()),
        "peakOverTrue": {name: float(value) for name, value in zip(["p16", "median", "p84"], np.percentile(ratio, [16, 50, 84]))},
    }


def main():
    with open(sys.argv[1]) as file:
        task = json.load(file)
    folder, seconds = task["folder"], {}

    def timed(name, work):
        start = time.perf_counter()
        value = work()
        seconds[name] = round(time.perf_counter() - start, 1)
        print(f"referee: {name}: {seconds[name]} s", file=sys.stderr, flush=True)
        return value

    size = task["gridSize"]
    # wsclean weights on its padded grid, which is made to be the simulator's.
    side = max(task["fieldSize"] + 1, 2 * int(size / 2.4))
    imaging = ["-size", side, side, "-padding", f"{size / side:.6f}", "-scale", f"{task['pixelScaleDeg'] * 3600}asec", "-weight", "briggs", task["robust"], "-pol", "I", "-data-column", "DATA", "-no-update-model-required"]
    if task["restoring"] == "suricate":
        major, minor, angle = task["beamArcsec"]
        imaging += ["-beam-shape", f"{major}asec", f"{minor}asec", f"{angle}deg"]
    uvw, pairs = make_measurement_set(os.path.join(folder, "sky.ms"), task["observation"], task["centreDeg"])
    timed("painting", lambda: write_model(os.path.join(folder, "sky-model.fits"), painted(task), task))
    timed("predict", lambda: wsclean(folder, "-predict", "-pol", "I", "-name", "sky"))
    observe(task, folder, uvw, pairs)
    timed("clean", lambda: wsclean(folder, "-name", "wsclean", *imaging, "-niter", 1000000, "-mgain", 0.8, "-gain", 0.1, "-threshold", task["cleanLimitJyPerBeam"]))
    restored = os.path.join(folder, "wsclean-image.fits")
    theirs = field_part(plane(restored), task)
    ours = fits.getdata(task["image"]).astype(float)
    header = fits.getheader(restored)
    reach = task["beamReach"]
    psf = plane(os.path.join(folder, "wsclean-psf.fits"))[side // 2 - reach:side // 2 + reach + 1, side // 2 - reach:side // 2 + reach + 1]
    own_psf = np.fromfile(task["dirtyBeam"]).reshape(2 * reach + 1, 2 * reach + 1)
    difference = ours - theirs
    print(json.dumps({
        "beamArcsec": {"suricate": task["beamArcsec"], "wsclean": [header["BMAJ"] * 3600, header["BMIN"] * 3600, header["BPA"] % 180]},
        "dirtyBeamGreatestDifference": float(np.abs(psf - own_psf).max()),
        "image": {"suricate": statistics(ours), "wsclean": statistics(theirs)},
        "difference": {"madRms": statistics(difference)["madRms"], "expectedOfNoise": float(np.sqrt(2) * task["noiseJyPerBeam"] * 1e6)},
        "sources": {
            "suricate": timed("source-extractor", lambda: found(ours, task, folder, "found-suricate")),
            "wsclean": found(theirs, task, folder, "found-wsclean"),
        },
        "seconds": seconds,
    }))


if __name__ == "__main__":
    main()

"""Tile-compressed images as astropy (cfitsio) writes and reads them: the outside truth of test/slow/compression-astropy.test.ts.

  python3 compression_astropy.py FOLDER   writes FOLDER/<case>.fits and, beside it, <case>.raw: the image as big-endian doubles,
                                          as astropy reads it back; stdout: [{"name": ..., "height": ..., "width": ...}, ...]
"""
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")
random = np.random.default_rng(20240814)


def sky(height, width, spread=1e-4):
    image = random.normal(0, spread, (height, width))
    for _ in range(12):
        y, x = random.integers(0, height), random.integers(0, width)
        image[max(0, y - 2):y + 3, max(0, x - 2):x + 3] += random.exponential(1e-2)
    return image


def integers(dtype, height, width):
    bounds = np.iinfo(dtype)
    wide = random.integers(bounds.min, bounds.max, (height, width), endpoint=True)
    calm = np.clip(random.normal(50, 9, (height, width)), bounds.min, bounds.max)
    image = np.where(np.arange(height)[:, None] % 3 == 0, wide, calm)
    image[height // 2] = 7
    return image.astype(dtype)


def holed(image):
    image = image.copy()
    image[:3] = np.nan
    image[5, 5:9] = np.nan
    image[-1, -1] = np.nan
    return image


def zeroed(image):
    image = image.copy()
    image[4:9, 3:20] = 0
    return image


CASES = {}
for dtype in (np.uint8, np.int16, np.int32):
    for method in ("RICE_1", "GZIP_1", "GZIP_2"):
        for tile in ((70, 1), (33, 7), (16, 16)):
            CASES[f"{method}-{np.dtype(dtype).name}-{tile[0]}x{tile[1]}"] = (integers(dtype, 41, 70), dict(compression_type=method, tile_shape=tile))
CASES["RICE_1-uint16"] = (integers(np.uint16, 41, 70), dict(compression_type="RICE_1"))
CASES["RICE_1-uint32"] = (integers(np.uint32, 41, 70), dict(compression_type="RICE_1"))
for height, width, tile in ((16, 16, (16, 16)), (41, 70, (70, 41)), (41, 67, (33, 13)), (64, 5, (5, 16)), (37, 129, (129, 18))):
    for scale in (0, 1, 2.5, 8):
        calm = np.round(1e6 * sky(height, width)).astype(np.int32)
        CASES[f"HCOMPRESS_1-{height}x{width}-{tile[0]}x{tile[1]}-scale{scale}"] = (calm, dict(compression_type="HCOMPRESS_1", tile_shape=tile, hcomp_scale=scale))
CASES["HCOMPRESS_1-int16"] = (np.round(1e5 * sky(60, 60)).astype(np.int16), dict(compression_type="HCOMPRESS_1"))
CASES["HCOMPRESS_1-wide"] = (random.integers(-(2**28), 2**28, (64, 64)).astype(np.int32), dict(compression_type="HCOMPRESS_1", tile_shape=(64, 64), hcomp_scale=0))
mask = np.zeros((41, 70), np.int32)
mask[3:9, 5:50] = 1
mask[7:20, 30:33] = 5000
mask[:, 69] = random.integers(0, 2**20, 41)
mask[30] = np.arange(70)
for tile in ((70, 1), (33, 7)):
    CASES[f"PLIO_1-{tile[0]}x{tile[1]}"] = (mask, dict(compression_type="PLIO_1", tile_shape=tile))
for dtype in (np.float32, np.float64):
    for method in ("RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1"):
        tiles = ((67, 21),) if method == "HCOMPRESS_1" else ((67, 1), (20, 9))
        for dither in (-1, 1, 2):
            for level in (0.5, 4, 16, -1e-5):
                for tile in tiles:
                    image = zeroed(sky(42, 67)).astype(dtype)
                    name = f"{method}-{np.dtype(dtype).name}-dither{dither}-level{level}-{tile[0]}x{tile[1]}"
                    CASES[name] = (image, dict(compression_type=method, tile_shape=tile, quantize_method=dither, quantize_level=level, dither_seed=random.integers(1, 10000)))
    for method in ("RICE_1", "GZIP_1", "GZIP_2"):
        for dither in (-1, 1, 2):
            CASES[f"{method}-{np.dtype(dtype).name}-dither{dither}-nan"] = (holed(sky(42, 67)).astype(dtype), dict(compression_type=method, quantize_method=dither, dither_seed=9998))
    for method in ("GZIP_1", "GZIP_2"):
        CASES[f"{method}-{np.dtype(dtype).name}-lossless"] = (holed(sky(42, 67)).astype(dtype), dict(compression_type=method, quantize_level=0, tile_shape=(31, 5)))
CASES["RICE_1-float32-long-tile"] = (sky(120, 150).astype(np.float32), dict(compression_type="RICE_1", tile_shape=(150, 120), quantize_method=1, dither_seed=10000))
CASES["RICE_1-float32-flat"] = (np.full((42, 67), 3.25, np.float32), dict(compression_type="RICE_1", quantize_method=1, dither_seed=3))


def main(folder):
    told = []
    for name, (image, options) in CASES.items():
        path = Path(folder) / f"{name}.fits"
        options = {key: (int(value) if isinstance(value, np.integer) else value) for key, value in options.items()}
        fits.CompImageHDU(image, **options).writeto(path, overwrite=True)
        with fits.open(path) as units:
            # As stored: the codecs know nothing of BZERO.
            data = units[1].data.astype(">f8")
            with fits.open(path, disable_image_compression=True) as raw:
                data = data - raw[1].header.get("BZERO", 0)
        data.astype(">f8").tofile(path.with_suffix(".raw"))
        told.append({"name": name, "height": data.shape[0], "width": data.shape[1]})
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])

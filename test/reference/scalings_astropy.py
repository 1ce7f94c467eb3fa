"""Limits and values of scalings as astropy computes them: the outside truth of the tests of base/image's scalings.

  python3 scalings_astropy.py FOLDER   reads FOLDER/<n>.f32 (raw little-endian float32) for n = 0, 1, ... while they are there;
                                       stdout: [{"zscale": [low, high], "arcsinh": [...], "power": [...]}, ...];
                                       the values are of the first 50 finite pixels, after min-max: AsinhStretch(0.1) and the square root
"""
import json
import sys
from pathlib import Path

import numpy as np
from astropy.visualization import AsinhStretch, MinMaxInterval, SqrtStretch, ZScaleInterval

told = []
while (path := Path(sys.argv[1]) / f"{len(told)}.f32").exists():
    values = np.fromfile(path, "<f4")
    finite = values[np.isfinite(values)]
    unit = MinMaxInterval()(finite.astype("f8"), clip=False)[:50]
    told.append({
        "zscale": [float(limit) for limit in ZScaleInterval().get_limits(values)],
        "arcsinh": AsinhStretch(0.1)(unit).tolist(),
        "power": SqrtStretch()(unit).tolist(),
    })
json.dump(told, sys.stdout)

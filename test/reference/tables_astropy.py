"""Every table of the FITS files named on stdin (JSON), as astropy reads it: one JSON object a file on stdout."""
import json
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")


def plain(value):
    """A cell as a flat list of numbers, texts and booleans; NaN is None, 64-bit integers are texts, complex numbers two numbers."""
    cells = []
    for item in np.asarray(value).ravel():
        if isinstance(item, (str, np.str_)):
            cells.append(str(item).rstrip())
        elif isinstance(item, (bool, np.bool_)):
            cells.append(bool(item))
        elif isinstance(item, (np.int64, np.uint64)):
            cells.append(str(item))
        elif isinstance(item, (complex, np.complexfloating)):
            cells += [float(item.real), float(item.imag)]
        else:
            cells.append(None if np.isnan(item) else float(item))
    return cells


def values_of(unit, index):
    values = unit.data.field(index)
    is_text_integer = isinstance(unit, fits.TableHDU) and values.dtype.kind == "i"
    return values.astype(float) if is_text_integer else values


def columns_of(unit):
    return [
        {
            "name": column.name.strip(),
            "unit": (column.unit or "").strip(),
            "cells": [plain(cell) for cell in values_of(unit, index)],
        }
        for index, column in enumerate(unit.columns)
    ]


for path in json.load(sys.stdin):
    with fits.open(path, disable_image_compression=False, uint=True) as units:
        tables = {
            index: columns_of(unit)
            for index, unit in enumerate(units)
            if isinstance(unit, (fits.BinTableHDU, fits.TableHDU)) and not isinstance(unit, fits.CompImageHDU)
        }
    print(json.dumps({"path": path, "tables": tables}), flush=True)
